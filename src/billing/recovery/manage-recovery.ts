import { firstRow, rows } from '../../platform/db.ts';
import { Refused } from '../../platform/errors.ts';
import { minuteWithZone } from '../../platform/figures.ts';
import { takingTurns } from '../../platform/turn.ts';
import { whenFree } from '../../platform/when-free.ts';
import type { Deps } from '../deps/deps.ts';
import { recordAudit } from '../desk/audit-log.ts';
import { withdrawQuestion } from '../desk/review-items.ts';
import { timeOn } from '../subscriptions/test-clocks.ts';
import { cardToTry } from './card-to-try.ts';
import { howItStands, triesOn } from './how-it-stands.ts';
import { makeRetry, type RetryEnd } from './make-retry.ts';
import { allowedFrom } from './next-retry.ts';
import './questions.ts';
import { insertRetry, retryUnderWay } from './recovery-retries.ts';
import { factsOf } from './retry-case.ts';
import { type CaseToRetry, caseToRetry } from './retry-looks.ts';
import { subscribeAgain, unsubscribe } from './unsubscribed.ts';

/**
 * What people do about failed payments. The console and the command line call these; each leaves its audit row in its own
 * transaction. An actor is e.g. `admin:demo` or `cli:root`.
 */
export interface By {
  readonly actor: string;
  readonly reason: string;
}

export const INVOICE_ID = /^in_\w{1,200}$/;
export const CUSTOMER_ID = /^cus_\w{1,200}$/;

/** No more letters about this case; one that waits to be sent is left out. @returns false when that was so before */
export async function stopLetters(invoice: string, by: By, { db }: Pick<Deps, 'db'>): Promise<boolean> {
  return db.transaction(async (trx) => {
    const stopped = await firstRow(
      trx,
      'UPDATE recovery_cases SET stopped_at = now(), look_at = NULL WHERE invoice = ? AND stopped_at IS NULL RETURNING invoice',
      [invoice],
    );
    if (!stopped) {
      await existing(invoice, await caseToRetry(trx, invoice));
      return false;
    }
    await recordAudit(trx, { ...by, action: 'recovery.stop_letters', subject: invoice });
    return true;
  });
}

/** @returns false when nobody had stopped them */
export async function resumeLetters(invoice: string, by: By, { db }: Pick<Deps, 'db'>): Promise<boolean> {
  return db.transaction(async (trx) => {
    const unpaid = existing(invoice, await caseToRetry(trx, invoice));
    if (unpaid.state !== 'open') throw new Refused(`The case of ${invoice} has ended: nothing is written about it.`);
    const resumed = await rows(
      trx,
      `UPDATE recovery_cases SET stopped_at = NULL, look_at = now() WHERE invoice = ? AND stopped_at IS NOT NULL RETURNING invoice`,
      [invoice],
    );
    if (resumed.length === 0) return false;
    await recordAudit(trx, { ...by, action: 'recovery.resume_letters', subject: invoice });
    return true;
  });
}

/** No letters about failed payments to this customer, now and later. @returns false when that was so before */
export async function unsubscribeCustomer(customer: string, by: By, { db }: Pick<Deps, 'db'>): Promise<boolean> {
  if (!CUSTOMER_ID.test(customer)) throw new Refused(`${customer} is no customer (cus_…).`);
  return db.transaction(async (trx) => {
    if (!(await unsubscribe(trx, customer))) return false;
    await recordAudit(trx, { ...by, action: 'recovery.unsubscribe', subject: customer });
    const reason = 'nobody wants to write to him any more';
    await withdrawQuestion(trx, { kind: 'recovery_without_address', subject: customer }, reason);
    return true;
  });
}

/** @returns false when he was not unsubscribed */
export async function resubscribeCustomer(customer: string, by: By, { db }: Pick<Deps, 'db'>): Promise<boolean> {
  return db.transaction(async (trx) => {
    if (!(await subscribeAgain(trx, customer))) return false;
    await rows(
      trx,
      `UPDATE recovery_cases SET look_at = now() WHERE customer = ? AND state = 'open' AND look_at IS NOT NULL`,
      [customer],
    );
    await recordAudit(trx, { ...by, action: 'recovery.resubscribe', subject: customer });
    return true;
  });
}

/**
 * The open invoice is tried now, on the card that Stripe would charge or a newer one: what networks and banks forbid, nobody may.
 * @throws Refused that says why not, or from when on
 */
export async function tryNow(invoice: string, by: By, deps: Deps): Promise<RetryEnd> {
  return whenFree(() =>
    takingTurns(deps.db, `recovery:${invoice}`, `the case of ${invoice}`, () => tryAlone(invoice, by, deps)),
  );
}

async function tryAlone(invoice: string, by: By, deps: Deps): Promise<RetryEnd> {
  const { db, policy, timeZone } = deps;
  const unpaid = existing(invoice, await caseToRetry(db, invoice));
  const begun = await retryUnderWay(db, invoice);
  if (begun) return makeRetry(begun, unpaid, deps);
  const stands = await howItStands(unpaid, deps);
  const now = await timeOn(db, unpaid.test_clock);
  const card = cardToTry(stands.collection.methods, stands.tries, unpaid.first_failed_at, now);
  const circumstances = { policy: policy.recovery, now, timeZone: policy.recovery.time_zone ?? timeZone };
  const allowed = allowedFrom(await factsOf(unpaid, stands, card, deps), circumstances);
  if ('reason' in allowed || !card) {
    throw new Refused(`It can't be tried: ${'reason' in allowed ? allowed.reason : 'there is no card to try'}.`);
  }
  if (allowed.earliest > now) {
    const from = minuteWithZone(allowed.earliest, timeZone);
    throw new Refused(`The card was tried not long ago. Networks count that: it may be tried again from ${from} on.`);
  }
  const retry = await db.transaction(async (trx) => {
    const written = await insertRetry(trx, {
      invoice,
      why: 'operator',
      card: card.id,
      method: card.method,
      triesBefore: triesOn(card.id, stands),
      at: now,
      by: by.actor,
    });
    if (written) await recordAudit(trx, { ...by, action: 'recovery.try_now', subject: invoice });
    return written;
  });
  if (!retry) throw new Refused('A try of this invoice is under way. Look again in a moment.');
  return makeRetry(retry, unpaid, deps, stands);
}

function existing(invoice: string, unpaid: CaseToRetry | undefined): CaseToRetry {
  if (!unpaid) throw new Refused(`There is no case of invoice ${invoice}.`);
  return unpaid;
}
