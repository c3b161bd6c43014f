import Stripe from 'stripe';
import { BusyError, bug, Refused, StripeRefused } from '../../platform/errors.ts';
import { messageOf } from '../../platform/log.ts';
import { whenFree } from '../../platform/when-free.ts';
import { isRefusal, isReplayedFailure } from '../../stripe/errors.ts';
import type { Deps } from '../deps/deps.ts';
import { recordAudit } from '../desk/audit-log.ts';
import type { Decider } from '../desk/questions.ts';
import { syncSubscription } from '../subscriptions/sync-subscription.ts';
import { type ChangeRow, endMade, endUnmade, findChange, type Made, raiseKeyVersion } from './changes.ts';
import { fetchLive, type Live } from './live.ts';
import { holds, madeBy, seenIn, standingOfItems, standingOfPending } from './made.ts';
import { dropPlan, planAtEnd } from './plan-at-end.ts';

/** Below the day for which Stripe answers an idempotency key with what its first use has led to. */
const KEY_SECONDS = 23 * 3_600;

/** Longer than a request may take: what was not made by then is not on its way any more. */
const REQUEST_SECONDS = 300;

/** Whether Stripe may be asked again under the same key: it answers what it has answered, or has not been asked. */
export function isFresh({ seconds }: Pick<ChangeRow, 'seconds'>): boolean {
  return seconds < KEY_SECONDS;
}

/** Goes on with a change from wherever it has stopped. Each step may be repeated. */
export async function goOn(change: ChangeRow, by: Decider, deps: Deps): Promise<ChangeRow> {
  const made = await refusedEndsIt(change, deps, () =>
    change.takes_effect === 'now' ? makeNow(change, deps) : planAtEnd(change, deps),
  );
  await whenFree(() => syncSubscription({ subscription: change.subscription }, deps));
  return endAs(change, made, by, deps);
}

async function makeNow(
  { id, subscription, params, key_version: version, ...change }: ChangeRow,
  deps: Deps,
): Promise<Made> {
  try {
    const answer = await deps.stripe.subscriptions.update(
      subscription,
      { ...params, items: [...params.items] },
      { idempotencyKey: `change:${id}:${version}` },
    );
    return madeBy(seenIn(answer), change.invoice_before);
  } catch (error) {
    if (!isReplayedFailure(error) || isRefusal(error)) throw error;
    // Stripe has made it, or not, and will say for a day that it failed.
    const live = await fetchLive(deps, subscription);
    if (live && isMade({ params }, live)) return madeBy(seenOf(live), change.invoice_before);
    await raiseKeyVersion(deps.db, id);
    throw new BusyError(`Stripe has failed to change subscription ${subscription}`, 1_000);
  }
}

/** What Stripe refuses is not made: another one may be. */
async function refusedEndsIt<T>({ id }: ChangeRow, { db }: Deps, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isDeclined = error instanceof Stripe.errors.StripeCardError;
    if (!isRefusal(error) && !isDeclined) throw error;
    await endUnmade(db, id, 'refused');
    const why = `Stripe refuses this, and nothing was changed: ${messageOf(error)}`;
    throw new StripeRefused(isDeclined ? `${why} What costs more must be paid at once where an item is removed.` : why);
  }
}

async function endAs(change: ChangeRow, made: Made, { actor, reason }: Decider, { db, log }: Deps): Promise<ChangeRow> {
  const { id, subscription, due_now: previewed, total, currency } = change;
  const { outcome, invoice, chargedDue, chargedTotal } = made;
  if (invoice !== null && (chargedDue !== previewed || chargedTotal !== total)) {
    log.warn('a change was charged otherwise than it was previewed', {
      id,
      subscription,
      invoice,
      previewed,
      chargedDue,
    });
  }
  const ended = await db.transaction(async (trx) => {
    const row = await endMade(trx, id, made);
    if (!row) return undefined;
    await recordAudit(trx, {
      actor,
      action: 'subscription.change',
      subject: subscription,
      reason,
      details: {
        change: id,
        outcome,
        invoice,
        currency,
        due_now: chargedDue,
        total: chargedTotal,
        previewed,
        previewed_total: total,
      },
    });
    return row;
  });
  return ended ?? (await findChange(db, id)) ?? bug(`change ${id} is gone`);
}

/**
 * What was begun and not brought to its end, before something else is done: whether Stripe has made it is looked at. It is not made
 * any more.
 * @param isSame nobody else waits for it
 */
export async function settleEarlier(change: ChangeRow, isSame: boolean, deps: Deps): Promise<void> {
  const { id, subscription, changed_by: actor, takes_effect: when } = change;
  if (!isSame && change.seconds < REQUEST_SECONDS) {
    throw new Refused(
      `Another change of subscription ${subscription} was begun a moment ago, and whether Stripe has made it is not known yet. Confirm that one again, or come back in five minutes.`,
    );
  }
  const live = await fetchLive(deps, subscription);
  const made = live && (when === 'now' ? madeNow(change, live) : await dropPlan(change, live, deps));
  const by = { actor, reason: 'it was found made at Stripe' };
  if (made) await endAs(change, made, by, deps);
  else await endUnmade(deps.db, id, 'dropped');
}

function madeNow(change: ChangeRow, live: Live): Made | undefined {
  return isMade(change, live) ? madeBy(seenOf(live), change.invoice_before) : undefined;
}

function isMade({ params }: Pick<ChangeRow, 'params'>, { subscription, pendingUpdate }: Live): boolean {
  return (
    holds(params.items, standingOfItems(subscription.items)) || holds(params.items, standingOfPending(pendingUpdate))
  );
}

function seenOf({ subscription, latestInvoice }: Live) {
  return { pendingUntil: subscription.pendingUpdateUntil, latestInvoice };
}
