import { createHash, randomBytes } from 'node:crypto';
import { BusyError, OutcomeUnknown } from '../../platform/errors.ts';
import { takingTurns } from '../../platform/turn.ts';
import { whenFree } from '../../platform/when-free.ts';
import type { Deps } from '../deps/deps.ts';
import type { Decider } from '../desk/questions.ts';
import { isKnown } from '../subscriptions/subscriptions.ts';
import { syncSubscription } from '../subscriptions/sync-subscription.ts';
import { type ChangeRow, changeMade, changeOnItsWay, insertChange } from './changes.ts';
import { stillStands } from './made.ts';
import { goOn, isFresh, settleEarlier } from './make-change.ts';
import { type Expected, type Preview, staleness } from './preview.ts';
import { needLive, quoteFor } from './quote.ts';
import type { WantedChange } from './wanted-change.ts';

/** A change as it was previewed, and is wanted. */
export interface Confirmed extends WantedChange {
  readonly expected: Expected;
  /** Of the preview, in seconds. */
  readonly prorationDate: number | null;
}

export type End =
  | { readonly end: 'made'; readonly change: ChangeRow }
  /** The preview does not hold any more; this is a new one. Nothing was changed. */
  | { readonly end: 'stale'; readonly why: 'amounts' | 'age'; readonly preview: Preview };

/**
 * Makes a change that somebody has seen the preview of. What is charged is what was shown: it is previewed once more from the same
 * moment on, and the change is made by the same parameters. The same again is the same change: it is made, and charged, once.
 * @throws Refused that says what to do instead; InvalidInput that names the field; OutcomeUnknown: send it again
 */
export async function confirmChange(id: string, confirmed: Confirmed, by: Decider, deps: Deps): Promise<End> {
  const { db } = deps;
  // A change is of a subscription that is kept here.
  if (!(await isKnown(db, id))) {
    await needLive(id, deps);
    await whenFree(() => syncSubscription({ subscription: id }, deps));
  }
  const wanted = hashOf(confirmed);
  const subject = `subscription ${id}`;
  try {
    return await whenFree(() =>
      takingTurns(db, `managing:${id}`, subject, () => confirmAlone(id, confirmed, wanted, by, deps)),
    );
  } catch (error) {
    const isOnItsWay = (await changeOnItsWay(db, id))?.wanted === wanted;
    if (!isOnItsWay) throw error;
    throw new OutcomeUnknown(
      `Whether Stripe has changed ${subject} is not known yet. Send the same again: it is made once.`,
      error,
    );
  }
}

async function confirmAlone(id: string, confirmed: Confirmed, wanted: string, by: Decider, deps: Deps): Promise<End> {
  const { db } = deps;
  const begun = await changeOnItsWay(db, id);
  if (begun?.wanted === wanted && isFresh(begun)) return { end: 'made', change: await goOn(begun, by, deps) };
  if (begun) await settleEarlier(begun, begun.wanted === wanted, deps);
  const live = await needLive(id, deps);
  const made = await changeMade(db, id, wanted);
  if (made && stillStands(made, live.subscription)) return { end: 'made', change: made };
  const { prorationDate, expected } = confirmed;
  const { preview, update, at } = await quoteFor(live, confirmed, prorationDate, deps);
  const why = staleness({ ...expected, prorationDate }, { costs: preview, at });
  // A new preview counts from now on.
  if (why) return { end: 'stale', why, preview: (await quoteFor(live, confirmed, null, deps)).preview };
  const change = await insertChange(db, {
    id: `chg_${randomBytes(10).toString('hex')}`,
    subscription: id,
    wanted,
    takes_effect: confirmed.when,
    params: update,
    proration_date: prorationDate,
    currency: preview.currency,
    due_now: preview.dueNow,
    total: preview.total,
    invoice_before: live.latestInvoice?.id ?? null,
    changed_by: by.actor,
  });
  if (!change) throw new BusyError(`Another change of subscription ${id} is on its way`, 1_000);
  return { end: 'made', change: await goOn(change, by, deps) };
}

/** By what was asked for, not by what it means now: after it was made that is nothing. */
function hashOf({ only, items, when, expected, prorationDate }: Confirmed): string {
  const terms = only
    ? [termsOf(only)]
    : (items ?? []).map((each) => [each.item, each.remove ?? false, ...termsOf(each)]);
  const content = [only !== undefined, terms, when, expected.dueNow, expected.total, prorationDate];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32);
}

function termsOf({ plan, price, quantity }: { plan?: unknown; price?: unknown; quantity?: unknown }): unknown[] {
  return [plan, price, quantity];
}
