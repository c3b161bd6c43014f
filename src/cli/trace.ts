import { databaseUrl } from '../platform/config.ts';
import { connect, type Db, firstRow, rows } from '../platform/db.ts';
import { formatMoney } from '../platform/money.ts';

/** Prints the story of one payment: what was decided, its documents, what was taken back, its events and open questions. */
export async function trace(id: string): Promise<void> {
  const db = connect(databaseUrl(), { name: 'cli', connections: 2 });
  try {
    const intent = await paymentOf(db, id);
    process.stdout.write(await story(db, intent));
  } finally {
    await db.destroy();
  }
}

async function paymentOf(db: Db, id: string): Promise<string> {
  if (id.startsWith('pi_')) return id;
  if (id.startsWith('evt_')) {
    const event = await intentIn(db, 'stripe_events', id);
    if (!event) throw new Error(`There is no event ${id}. Is the endpoint subscribed to its type?`);
    if (!event.payment_intent) throw new Error(`Event ${id} led to no payment (or not yet).`);
    return event.payment_intent;
  }
  if (/^(re|pyr|du|dp)_/.test(id)) {
    const adjustment = await intentIn(db, 'adjustments', id);
    if (!adjustment?.payment_intent) throw new Error(`Nothing is known of ${id}.`);
    return adjustment.payment_intent;
  }
  throw new Error(`${id} is no payment intent (pi_…), event (evt_…), refund (re_…) or dispute (du_…).`);
}

function intentIn(db: Db, table: 'stripe_events' | 'adjustments', id: string) {
  return firstRow<{ payment_intent: string | null }>(db, `SELECT payment_intent FROM ${table} WHERE id = ?`, [id]);
}

async function story(db: Db, intent: string): Promise<string> {
  const parts = await Promise.all(
    [paymentLines, invoiceLines, adjustmentLines, eventLines, questionLines].map((part) => part(db, intent)),
  );
  return [...parts.flat(), ''].join('\n');
}

async function paymentLines(db: Db, intent: string): Promise<string[]> {
  const payment = await firstRow<{
    status: string | null;
    amount_received: number | null;
    currency: string | null;
    verdict: string | null;
    reason: string | null;
    disputed_since: Date | null;
  }>(
    db,
    'SELECT status, amount_received, currency, verdict, reason, disputed_since FROM payments WHERE payment_intent = ?',
    [intent],
  );
  if (!payment) return [`Nothing is known of payment ${intent}.`];
  return [
    `Payment  ${intent}  ${money(payment.amount_received, payment.currency)}  ${payment.status ?? ''}`,
    `Decision ${payment.verdict ?? 'none yet'}: ${payment.reason ?? ''}`,
    ...(payment.disputed_since ? [`Disputed since ${payment.disputed_since.toISOString()}`] : []),
  ];
}

async function invoiceLines(db: Db, intent: string): Promise<string[]> {
  const invoices = await rows<{
    number: string | null;
    stripe_invoice: string | null;
    total: number;
    currency: string;
    step: string;
    settlement: string | null;
    reverses: string | null;
  }>(
    db,
    `SELECT number, stripe_invoice, total, currency, step, settlement, reverses FROM payment_invoices
     WHERE payment_intent = ? ORDER BY id`,
    [intent],
  );
  if (invoices.length === 0) return ['Invoice  none of ours'];
  return invoices.map(
    ({ number, stripe_invoice, total, currency, step, settlement, reverses }) =>
      `Invoice  ${number ?? 'no number yet'}  ${stripe_invoice ?? ''}  ${money(total, currency)}  ${step}  ${settlement ?? ''}${reverses ? `  takes back ${reverses}` : ''}`,
  );
}

async function adjustmentLines(db: Db, intent: string): Promise<string[]> {
  const adjustments = await rows<{
    id: string;
    kind: string;
    amount: number;
    currency: string;
    status: string;
    decision: string;
    reason: string;
    number: string | null;
    stripe_credit_note: string | null;
    noted: number | null;
    reversed_by: string | null;
  }>(
    db,
    `SELECT a.id, a.kind, a.amount, a.currency, a.status, a.decision, a.reason,
            n.number, n.stripe_credit_note, n.amount AS noted, n.reversed_by
     FROM adjustments a LEFT JOIN credit_notes n ON n.adjustment = a.id WHERE a.payment_intent = ? ORDER BY a.happened_at, a.id`,
    [intent],
  );
  return adjustments.flatMap((each) => [
    `${each.kind === 'refund' ? 'Refund ' : 'Dispute'}  ${each.id}  ${money(each.amount, each.currency)}  ${each.status}  ${each.decision}: ${each.reason}`,
    ...(each.noted === null
      ? []
      : [
          `Note     ${each.number ?? 'no number yet'}  ${each.stripe_credit_note ?? ''}  ${money(each.noted, each.currency)}  for ${each.id}${each.reversed_by ? `  taken back by ${each.reversed_by}` : ''}`,
        ]),
  ]);
}

async function eventLines(db: Db, intent: string): Promise<string[]> {
  const events = await rows<{
    received_at: Date;
    id: string;
    type: string;
    outcome: string | null;
    attempts: number;
    reason: string | null;
  }>(
    db,
    'SELECT received_at, id, type, outcome, attempts, reason FROM stripe_events WHERE payment_intent = ? ORDER BY received_at',
    [intent],
  );
  return events.map(
    (event) =>
      `Event    ${event.received_at.toISOString()}  ${event.id}  ${event.type}  ${event.outcome ?? 'open'} after ${event.attempts} attempts  ${event.reason ?? ''}`,
  );
}

async function questionLines(db: Db, intent: string): Promise<string[]> {
  const questions = await rows<{ kind: string; state: string; summary: string }>(
    db,
    `SELECT kind, state, summary FROM review_items
     WHERE subject = :intent OR subject IN (SELECT id FROM adjustments WHERE payment_intent = :intent)
        OR subject IN (SELECT id FROM stripe_events WHERE payment_intent = :intent) ORDER BY id`,
    { intent },
  );
  return questions.map(({ kind, state, summary }) => `Review   ${kind} (${state}): ${summary}`);
}

function money(amount: number | null, currency: string | null): string {
  return amount !== null && currency ? formatMoney({ amount, currency }) : 'amount unknown';
}
