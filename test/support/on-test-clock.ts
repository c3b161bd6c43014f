import type Stripe from 'stripe';
import { until } from './eventually.ts';
import type { SimulatedStripe } from './simulated-stripe.ts';
import { customerWithCard } from './subscriptions.ts';

/** A customer whose time a test clock stops, and the clock. */
export interface OnClock {
  readonly clock: string;
  readonly customer: string;
  /** Until Stripe has arrived there, with all that happens on the way. Seconds since 1970. */
  advanceTo(moment: number): Promise<void>;
  /** From now on this card is charged. */
  card(name: string): Promise<void>;
}

/** @param at seconds since 1970; @param settled whatever follows from it is done */
export async function onTestClock(
  side: SimulatedStripe,
  at: number,
  settled: () => Promise<unknown>,
  params: Stripe.CustomerCreateParams = {},
): Promise<OnClock> {
  const { stripe } = side;
  const { id: clock } = await stripe.testHelpers.testClocks.create({ frozen_time: at });
  const { id: customer } = await customerWithCard(side, { test_clock: clock, ...params });
  return {
    clock,
    customer,
    async advanceTo(moment) {
      await stripe.testHelpers.testClocks.advance(clock, { frozen_time: Math.floor(moment) });
      await until(async () => (await stripe.testHelpers.testClocks.retrieve(clock)).status === 'ready');
      await settled();
    },
    async card(name) {
      const { id } = await stripe.paymentMethods.attach(name, { customer });
      await stripe.customers.update(customer, { invoice_settings: { default_payment_method: id } });
      await settled();
    },
  };
}
