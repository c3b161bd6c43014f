import type Stripe from 'stripe';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import { BusyError } from '../../platform/errors.ts';
import { messageOf } from '../../platform/log.ts';
import { takingTurns } from '../../platform/turn.ts';
import { whenFree } from '../../platform/when-free.ts';
import { isOutage, isRefusal, rateLimitPause } from '../../stripe/errors.ts';
import type { Deps } from '../deps/deps.ts';
import { askPerson } from '../desk/review-items.ts';
import type { RecoveryPolicy } from '../policy/recovery.ts';
import { syncSubscription } from '../subscriptions/sync-subscription.ts';
import './questions.ts';

/**
 * What becomes of a subscription whose case has ended by our own plan (`recovery.at_end`): the case says so in the transaction of
 * its end, and it is done here, once. Whoever does it looks first: it may be done, or not be owed any more.
 */
interface DueEnd {
  readonly invoice: string;
  readonly subscription: string;
  readonly at_end: RecoveryPolicy['at_end'] | null;
}

/** Whoever has taken it has so long. Seconds. */
const CLAIMED_FOR = 300;
const AT_ONCE = 200;

/** One round. Any number of processes may run it. @returns how many were taken up */
export async function endDueSubscriptions(deps: Deps): Promise<number> {
  let taken = 0;
  for (; taken < AT_ONCE; taken += 1) {
    const due = await takeDue(deps.db);
    if (!due) break;
    try {
      await endSubscription(due.invoice, deps);
    } catch (error) {
      if (isOutage(error) || rateLimitPause(error) !== undefined) throw error;
      if (error instanceof BusyError) continue;
      deps.log.warn('a subscription could not be ended and is again', { ...due, error: messageOf(error) });
    }
  }
  return taken;
}

async function takeDue(db: Db): Promise<Pick<DueEnd, 'invoice'> | undefined> {
  return firstRow<Pick<DueEnd, 'invoice'>>(
    db,
    `UPDATE recovery_cases SET at_end_look_at = now() + make_interval(secs => :seconds)
     WHERE invoice = (SELECT due.invoice FROM recovery_cases due WHERE due.at_end_state = 'due' AND due.at_end_look_at <= now()
                      ORDER BY due.at_end_look_at LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING invoice`,
    { seconds: CLAIMED_FOR },
  );
}

export type EndState = 'done' | 'not_needed' | 'refused';

/** @returns undefined when nothing is to be done for this case, or it was done before */
export async function endSubscription(invoice: string, deps: Deps): Promise<EndState | undefined> {
  return takingTurns(deps.db, `recovery:${invoice}`, `the case of ${invoice}`, async () => {
    const due = await firstRow<DueEnd>(
      deps.db,
      `SELECT invoice, subscription, at_end FROM recovery_cases WHERE invoice = ? AND at_end_state IN ('due', 'refused')`,
      [invoice],
    );
    if (!due?.at_end) return undefined;
    const end = (await endSeen(due, deps.stripe)) ?? (await endNow(due, due.at_end, deps));
    await whenFree(() => syncSubscription({ subscription: due.subscription }, deps));
    await noteEnd(deps.db, invoice, end);
    return end;
  });
}

/** Whether it is done, or nothing is owed any more. */
async function endSeen({ invoice, subscription, at_end }: DueEnd, stripe: Stripe): Promise<EndState | undefined> {
  const { status, pause_collection: pause } = await stripe.subscriptions.retrieve(subscription);
  if (status === 'canceled' || (at_end === 'pause' && pause !== null)) return 'done';
  if (status !== 'past_due' && status !== 'unpaid') return 'not_needed';
  const owed = await stripe.invoices.retrieve(invoice);
  return owed.status === 'open' ? undefined : 'not_needed';
}

async function endNow(due: DueEnd, atEnd: RecoveryPolicy['at_end'], deps: Deps): Promise<EndState> {
  const { subscription } = due;
  try {
    switch (atEnd) {
      case 'cancel':
        await deps.stripe.subscriptions.cancel(subscription);
        return 'done';
      case 'pause':
        await deps.stripe.subscriptions.update(subscription, { pause_collection: { behavior: 'void' } });
        return 'done';
      case 'nothing':
        return 'done';
    }
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await askAbout(due, atEnd, error.message, deps.db);
    return 'refused';
  }
}

async function askAbout({ invoice, subscription }: DueEnd, atEnd: string, refusal: string, db: Db): Promise<void> {
  await askPerson(db, {
    kind: 'recovery_end_refused',
    subject: invoice,
    summary: `Invoice ${invoice} stayed unpaid to the end, and Stripe refuses to ${atEnd} subscription ${subscription}: ${refusal}`,
    details: { invoice, subscription, at_end: atEnd, refusal },
  });
}

/** The letter about the end waits for this one, so that it says what is true. */
async function noteEnd(db: Db, invoice: string, state: EndState): Promise<void> {
  await rows(
    db,
    `UPDATE recovery_cases SET at_end_state = :state, at_end_look_at = NULL,
            look_at = CASE WHEN look_at IS NOT NULL THEN now() END
     WHERE invoice = :invoice AND at_end_state IN ('due', 'refused')`,
    { invoice, state },
  );
}

/** A person leaves it as it is. */
export async function leaveUnended(db: Db, invoice: string): Promise<void> {
  await noteEnd(db, invoice, 'not_needed');
}
