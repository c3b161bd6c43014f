import type { Live } from './live.ts';
import type { When } from './wanted-change.ts';
import { isoMinute } from './words.ts';

/** Why a subscription can't be changed as it stands, and what to do instead; pure. */
type Standing = Pick<Live, 'subscription' | 'carries'> & { readonly openInvoice: string | null };

export function refusalOf(live: Standing, when: When): string | undefined {
  return refusalByStatus(live) ?? refusalByPlans(live) ?? (when === 'period_end' ? refusalToPlan(live) : undefined);
}

function refusalByStatus({ subscription: { id, status }, openInvoice }: Standing): string | undefined {
  const unpaid = openInvoice === null ? 'what is due' : `invoice ${openInvoice}`;
  switch (status) {
    case 'canceled':
    case 'incomplete_expired':
      return `Subscription ${id} is ${status}: it can’t be changed any more. A new one begins in a checkout (POST /v1/checkouts).`;
    case 'incomplete':
      return `The first payment of subscription ${id} is not made: have ${unpaid} paid first, or cancel it and begin anew with the other plan.`;
    case 'paused':
      return `Subscription ${id} is paused: resume it first, then change it.`;
    case 'past_due':
    case 'unpaid':
      return `Subscription ${id} is ${status}: a change would give credit for what is not paid. Have ${unpaid} paid first, then change it.`;
    case 'active':
    case 'trialing':
      return undefined;
  }
}

function refusalByPlans({ subscription, openInvoice }: Standing): string | undefined {
  const { id, pauseCollection, schedule, pendingUpdateUntil } = subscription;
  if (pauseCollection !== null) {
    return `The invoices of subscription ${id} are not collected for now: what costs more would not be paid. Have them collected again first, then change it.`;
  }
  if (schedule !== null) {
    return `Subscription ${id} is managed by schedule ${schedule}, which has a change planned already. Release the schedule at Stripe first, which takes back what it has planned (a planned cancellation, too), then change it.`;
  }
  if (pendingUpdateUntil === null) return undefined;
  const waiting = openInvoice === null ? 'its payment' : `the payment of invoice ${openInvoice}`;
  return `A change of subscription ${id} waits for ${waiting} until ${isoMinute(pendingUpdateUntil)}. Have it paid, or have the invoice made void at Stripe, then change it.`;
}

function refusalToPlan({ subscription, carries }: Standing): string | undefined {
  const { id, status, items, cancelAt, cancelAtPeriodEnd } = subscription;
  if (status === 'trialing') {
    return `Subscription ${id} is on trial: change it now. The trial stays as it is, and nothing is charged before its end.`;
  }
  if (cancelAtPeriodEnd || cancelAt !== null) {
    return `Subscription ${id} is to be canceled: nothing comes after that. Take the cancellation back first, or change it now.`;
  }
  if (new Set(items.map(({ periodEnd }) => periodEnd.getTime())).size > 1) {
    return `The items of subscription ${id} have different periods, so there is no one end of the period. Change it now.`;
  }
  if (carries.length === 0) return undefined;
  return `Subscription ${id} has ${carries.join(', ')}, which a planned change would lose. Change it now, or plan it at Stripe.`;
}
