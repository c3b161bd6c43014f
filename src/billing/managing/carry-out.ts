import type Stripe from 'stripe';
import type { Step } from './deed.ts';
import type { LookedAtStripe } from './look.ts';

/**
 * One request to Stripe. What sets a field has the key of the library, which lets it repeat a request that got no answer: under
 * a key of ours a later wish for the same, after the opposite was done, would be answered with what the first has led to, and
 * not be done. Pausing and resuming are taken by Stripe in one state only, which they leave.
 */
export async function carryOut(
  step: Step,
  { subscription, openInvoice, pausedSince }: LookedAtStripe,
  stripe: Stripe,
): Promise<void> {
  const { id, latestInvoice } = subscription;
  switch (step.step) {
    case 'cancel_now':
      await stripe.subscriptions.cancel(id, step.invoiceNow ? { invoice_now: true } : {});
      return;
    case 'end_with_period':
      await stripe.subscriptions.update(id, { cancel_at_period_end: true });
      return;
    case 'end_with_longest_period':
      await stripe.subscriptions.update(id, { cancel_at: 'max_period_end' });
      return;
    case 'take_back_end':
      await stripe.subscriptions.update(
        id,
        step.field === 'cancel_at' ? { cancel_at: '' } : { cancel_at_period_end: false },
      );
      return;
    case 'pause_collection':
      await stripe.subscriptions.update(id, { pause_collection: pauseOf(step) });
      return;
    case 'collect_again':
      await stripe.subscriptions.update(id, { pause_collection: '' });
      return;
    case 'pause_it':
      // What is left of what was paid waits for the next invoice, as a credit.
      await stripe.subscriptions.pause(id, {
        bill_for: { unused_time_from: { type: 'now' } },
        invoicing_behavior: 'pending_invoice_item',
      });
      return;
    case 'resume_it':
      // It makes an invoice: once for each pause and each invoice that came before. Nothing is given until that is paid.
      await stripe.subscriptions.resume(
        id,
        { payment_behavior: 'resume_on_payment_success' },
        { idempotencyKey: ['resume', id, pausedSince, openInvoice?.id ?? latestInvoice].join(':') },
      );
      return;
  }
}

function pauseOf({ invoices, until }: Extract<Step, { step: 'pause_collection' }>) {
  return {
    behavior: invoices,
    ...(until === null ? {} : { resumes_at: Math.floor(until.getTime() / 1000) }),
  };
}
