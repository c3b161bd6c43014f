import fc from 'fast-check';
import Stripe from 'stripe';
import { z } from 'zod';
import { payDirectly } from '../../support/purchases.ts';
import type { SimulatedStripe } from '../../support/simulated-stripe.ts';
import { dispute, moveDispute, moveRefund, refund } from '../../support/taken-back.ts';

/**
 * The life of one payment at Stripe, at random: what is bought, and what is taken back of it. Everything that may end either
 * way without a trace in the documents happens in `steps`; `later` is what comes when the notes of it are out (docs/decisions/0013).
 */
export type History = {
  buyer: 'guest' | 'customer' | 'subscriber' | 'skipped';
  /** Minor units. */
  amount: number;
  currency: 'eur' | 'jpy';
  /** Refunds are pending first: the bank takes its time. */
  slow: boolean;
  steps: Step[];
  later: Later[];
  /** What a person decides where a note's cause is gone. */
  choice: 'keep_note' | 'issue_reversal';
  /** After that, what is left is refunded once more. */
  again: boolean;
};

export type Step =
  | { refund: number; end: 'succeeded' | 'failed' | 'canceled' }
  | { inquiry: number; end: 'warning_closed' | 'won' | 'lost' | 'prevented' }
  | { chargeback: number; end: 'won' | 'lost' | 'open' };

export type Later = { failRefund: number } | { appeal: 'won' | 'lost' };

/** A share of what there is, in thousandths; all of it more often than chance would have it. */
const share = fc.oneof(
  { weight: 2, arbitrary: fc.constant(1_000) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 999 }) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ refund: share, end: fc.constantFrom('succeeded', 'succeeded', 'failed', 'canceled') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ inquiry: share, end: fc.constantFrom('warning_closed', 'won', 'lost', 'prevented') }),
  },
  { weight: 2, arbitrary: fc.record({ chargeback: share, end: fc.constantFrom('won', 'lost', 'lost', 'open') }) },
);

const laterStep: fc.Arbitrary<Later> = fc.oneof(
  fc.record({ failRefund: fc.nat(2) }),
  fc.record({ appeal: fc.constantFrom('won', 'lost') }),
);

export const history: fc.Arbitrary<History> = fc.record({
  buyer: fc.constantFrom('guest', 'customer', 'customer', 'subscriber', 'skipped'),
  amount: fc.integer({ min: 100, max: 99_999 }),
  currency: fc.constantFrom('eur', 'eur', 'jpy'),
  slow: fc.boolean(),
  steps: fc.array(step, { maxLength: 4 }),
  later: fc.array(laterStep, { maxLength: 2 }),
  choice: fc.constantFrom('keep_note', 'issue_reversal'),
  again: fc.boolean(),
});

const renewal = z.object({ payment_intent: z.string() });

export async function pay(side: SimulatedStripe, { buyer, amount, currency, slow }: History): Promise<string> {
  const payment_method = slow ? 'pm_card_pendingRefund' : 'pm_card_visa';
  switch (buyer) {
    case 'guest':
      return payDirectly(side, { amount, currency, payment_method });
    case 'skipped':
      return payDirectly(side, { amount, currency, payment_method, metadata: { invoice: 'no' } });
    case 'customer': {
      const { id: customer } = await side.stripe.customers.create({ name: 'Ada Example' });
      return payDirectly(side, { amount, currency, payment_method, customer });
    }
    case 'subscriber':
      return renewal.parse(await side.control('POST', '/_sim/renewals', { amount, currency, payment_method }))
        .payment_intent;
  }
}

/** What Stripe refuses in this state (a refund of what is charged back, say) does not happen, in every run alike. */
async function ifPossible(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const refused = error instanceof Stripe.errors.StripeInvalidRequestError;
    if (!refused && !(error instanceof Error && error.message.includes('answered 400'))) throw error;
  }
}

/** One step: it happens to the payment at Stripe. */
export async function take(side: SimulatedStripe, payment: string, { amount }: History, step: Step): Promise<void> {
  const part = (of: number, thousandths: number) => Math.max(1, Math.floor((of * thousandths) / 1_000));
  await ifPossible(async () => {
    if ('refund' in step) {
      const re = await refund(side, payment, { amount: part(await refundable(side, payment), step.refund) });
      // Of a card that succeeds at once there is no other end; that comes later.
      if (await isPending(side, re)) await moveRefund(side, re, step.end);
    } else if ('inquiry' in step) {
      const du = await dispute(side, payment, { amount: part(amount, step.inquiry), status: 'warning_needs_response' });
      if (step.end === 'won' || step.end === 'lost') await moveDispute(side, du, 'needs_response', step.end);
      else await moveDispute(side, du, step.end);
    } else {
      const du = await dispute(side, payment, { amount: part(amount, step.chargeback) });
      if (step.end !== 'open') await moveDispute(side, du, 'under_review', step.end);
    }
  });
}

async function refundable({ stripe }: SimulatedStripe, payment: string): Promise<number> {
  const [charge] = (await stripe.charges.list({ payment_intent: payment })).data;
  return charge ? charge.amount_captured - charge.amount_refunded : 0;
}

async function isPending({ stripe }: SimulatedStripe, re: string): Promise<boolean> {
  return (await stripe.refunds.retrieve(re)).status === 'pending';
}

/** No refund is left on its way: the bank has taken them all. */
export async function settleRefunds(side: SimulatedStripe, payment: string): Promise<void> {
  for (const { id, status } of (await side.stripe.refunds.list({ payment_intent: payment })).data) {
    if (status === 'pending') await moveRefund(side, id, 'succeeded');
  }
}

/** What comes when the note is out: a refund fails after all, a lost dispute is appealed. */
export async function takeLater(side: SimulatedStripe, payment: string, later: Later): Promise<void> {
  await ifPossible(async () => {
    if ('failRefund' in later) {
      const refunds = (await side.stripe.refunds.list({ payment_intent: payment })).data.filter(
        ({ status }) => status === 'succeeded',
      );
      const struck = refunds[later.failRefund];
      if (struck) await moveRefund(side, struck.id, 'failed');
    } else {
      const lost = (await side.stripe.disputes.list({ payment_intent: payment })).data.find(
        ({ status }) => status === 'lost',
      );
      if (lost) await moveDispute(side, lost.id, 'appeal_needs_response', 'appeal_under_review', later.appeal);
    }
  });
}

/** The rest of the money goes back, if there is any and nobody contests it. */
export async function refundAgain(side: SimulatedStripe, payment: string): Promise<void> {
  await ifPossible(async () => {
    await refund(side, payment, { amount: await refundable(side, payment) });
    await settleRefunds(side, payment);
  });
}
