import { type Quittance, type QuittanceOptions, startQuittance } from './quittance.ts';
import { type Records, recordsOf } from './records.ts';
import { type SimulatedStripe, simulatedStripe } from './simulated-stripe.ts';

/** The whole system, with both sides open to look at: Stripe's and our own records. */
export type Story = Quittance & { side: SimulatedStripe; records: Records };

/** Requests to the simulator need no rationing, and what a crash left is taken up again within a second or two. */
export const quick = {
  STRIPE_RATE_LIMIT: '0',
  STRIPE_ENDPOINT_RATE_LIMIT: '0',
  SWEEP_AFTER_SECONDS: '1',
  SWEEP_EVERY_SECONDS: '1',
};

export async function startStory({ env = {}, ...options }: QuittanceOptions = {}): Promise<Story> {
  const quittance = await startQuittance({ ...options, env: { ...quick, ...env } });
  return {
    ...quittance,
    side: simulatedStripe(quittance.simulator),
    records: recordsOf(quittance.settings.DATABASE_URL ?? ''),
  };
}
