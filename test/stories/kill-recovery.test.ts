import { expect, test } from 'vitest';
import { endDueSubscriptions } from '../../src/billing/recovery/end-at-stripe.ts';
import { rows } from '../../src/platform/db.ts';
import { billingUnderTest } from '../support/billing-deps.ts';
import type { Crash, CrashLine } from '../support/crash-plan.ts';
import { crashRecoveries } from '../support/crashing-worker.ts';
import { atATime } from '../support/deliveries.ts';
import { depth } from '../support/property.ts';
import { type BankSays, type Unpaid, unpaidRenewals } from '../support/unpaid-renewals.ts';

/**
 * The process dies while a new card is tried, or a subscription ended: before and after each write, here and at Stripe. Around what
 * only reads it leaves the same as behind the write before.
 */
const billing = await billingUnderTest();
const { deps, side, settings } = billing;
const { db, stripe } = deps;
const { unpaid, known, card, look, caseOf, retriesOf, statusOf } = unpaidRenewals(billing);
await side.control('POST', '/_sim/settings', { retry_days: [30], after_retries: 'past_due' });

/** Each of them keeps a connection. */
const AT_ONCE = 60;

/** What the bank says of the new card, and what is left once somebody goes on. */
const CASES = {
  paid: { deed: 'retry', says: undefined },
  declined: { deed: 'retry', says: { decline_code: 'insufficient_funds' } },
  confirm: { deed: 'retry', says: { authenticates: true } },
  end: { deed: 'end', says: undefined },
} as const satisfies Record<string, { deed: 'retry' | 'end'; says: BankSays | undefined }>;
type Case = keyof typeof CASES;
const cases: Case[] = ['paid', 'declined', 'confirm', 'end'];

/** Between the first write of a transaction and its end nothing is left of it; a deep run tries that, too. */
function isLeftOut(point: string): boolean {
  if (point.startsWith('GET') || point.endsWith(' leases')) return true;
  return depth === 1 && !/^POST|^DELETE \/|^COMMIT|recovery_/.test(point);
}

async function prepared(name: Case): Promise<Unpaid> {
  const open = await unpaid();
  if (name === 'end') {
    await rows(
      db,
      `UPDATE recovery_cases SET state = 'ended', how = 'exhausted', ended_at = now(), at_end = 'cancel', at_end_state = 'due',
              at_end_look_at = now(), retry_at = NULL WHERE invoice = ?`,
      [open.invoice],
    );
  } else await card(open.customer, CASES[name].says);
  return open;
}

interface Planned {
  readonly name: Case;
  readonly crash: Crash;
}

async function crash(planned: readonly Planned[]) {
  const struck: (Planned & Unpaid)[] = [];
  await atATime(8, planned, async (each) => {
    struck.push({ ...each, ...(await prepared(each.name)) });
  });
  const doing = Object.fromEntries(struck.map(({ name, invoice }) => [invoice, CASES[name].deed]));
  const plan = struck.map(({ invoice: event, crash: at }) => ({ event, crash: at }));
  const lines: CrashLine[] = [];
  for (let first = 0; first < plan.length; first += AT_ONCE) {
    lines.push(...(await crashRecoveries(doing, plan.slice(first, first + AT_ONCE), settings)));
  }
  return struck.map((each, position) => ({ ...each, line: lines[position] }));
}

/** On the new card, however they ended. */
async function chargesOn({ invoice, declined }: Unpaid): Promise<string[]> {
  const { payments } = await stripe.invoices.retrieve(invoice, { expand: ['payments'] });
  const intent = payments?.data[0]?.payment.payment_intent;
  const { data } = await stripe.charges.list({ payment_intent: String(intent), limit: 100 });
  return data.filter(({ payment_method: method }) => method !== declined).map(({ status }) => status);
}

async function endOf(each: Planned & Unpaid): Promise<unknown> {
  if (each.name === 'end') {
    const { status } = await stripe.subscriptions.retrieve(each.subscription);
    const end = await rows(db, 'SELECT at_end_state FROM recovery_cases WHERE invoice = ?', [each.invoice]);
    return [status, end];
  }
  const { how, decline_class: declined } = (await caseOf(each.invoice)) ?? {};
  const retries = (await retriesOf(each.invoice)).filter(({ state }) => state !== 'left');
  return [await statusOf(each.invoice), how, declined, await chargesOn(each), retries];
}

const ENDS: Readonly<Record<Case, unknown>> = {
  paid: ['paid', 'customer', 'unclear', ['succeeded'], [{ why: 'new_card', state: 'paid' }]],
  declined: ['open', null, 'money', ['failed'], [{ why: 'new_card', state: 'declined' }]],
  confirm: ['open', null, 'authenticate', [], [{ why: 'new_card', state: 'declined' }]],
  end: ['canceled', [{ at_end_state: 'done' }]],
};

test('whoever goes on leaves one try on the new card, and one end', { timeout: 180_000 }, async () => {
  const models = await crash(cases.map((name) => ({ name, crash: { at: 1_000, side: 'before' } })));
  const planned = models.flatMap(({ name, line }) => {
    const points = line?.points ?? [];
    expect(points.length, `points to crash at: ${name}`).toBeGreaterThan(5);
    return points.flatMap((point, index) =>
      isLeftOut(point) ? [] : (['before', 'after'] as const).map((side) => ({ name, crash: { at: index + 1, side } })),
    );
  });
  const struck = await crash(planned);
  for (const { crash: at, line } of struck) expect(line?.died).toMatch(new RegExp(`^${at.side} ${at.at} `));

  await rows(db, 'DELETE FROM leases');
  await rows(db, `UPDATE recovery_cases SET retry_at = now() WHERE retry_at IS NOT NULL`);
  await rows(db, `UPDATE recovery_cases SET at_end_look_at = now() WHERE at_end_state = 'due'`);
  await look();
  await endDueSubscriptions(deps);
  // The events of what was done come when they come.
  await atATime(8, struck, known);
  await atATime(8, struck, async (each) => {
    const where = `${each.name}, ${each.line?.died}`;
    expect([where, await endOf(each)]).toEqual([where, ENDS[each.name]]);
  });
  console.log(`kill -9, failed payments: ${planned.length} faults tried`);
});
