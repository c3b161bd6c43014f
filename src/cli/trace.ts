import { databaseUrl } from '../platform/config.ts';
import { connect, type Db, firstRow, rows } from '../platform/db.ts';
import { formatMoney } from '../platform/money.ts';

/** Prints the story of one payment, in the order in which it happened. */
export async function trace(id: string): Promise<void> {
  const db = connect(databaseUrl(), { name: 'cli', connections: 2 });
  try {
    const intent = id.startsWith('evt_') ? await paymentOfEvent(db, id) : id;
    if (!intent.startsWith('pi_')) throw new Error(`${id} is neither a payment intent (pi_…) nor an event (evt_…).`);
    process.stdout.write(await story(db, intent));
  } finally {
    await db.destroy();
  }
}

async function paymentOfEvent(db: Db, id: string): Promise<string> {
  const event = await firstRow<{ payment_intent: string | null }>(
    db,
    'SELECT payment_intent FROM stripe_events WHERE id = ?',
    [id],
  );
  if (!event) throw new Error(`There is no event ${id}. Is the endpoint subscribed to its type?`);
  if (!event.payment_intent) throw new Error(`Event ${id} led to no payment (or not yet).`);
  return event.payment_intent;
}

interface PaymentStory {
  readonly status: string | null;
  readonly amount_received: number | null;
  readonly currency: string | null;
  readonly verdict: string | null;
  readonly reason: string | null;
  readonly step: string | null;
  readonly number: string | null;
  readonly stripe_invoice: string | null;
  readonly settlement: string | null;
}

async function story(db: Db, intent: string): Promise<string> {
  const payment = await firstRow<PaymentStory>(
    db,
    `SELECT p.status, p.amount_received, p.currency, p.verdict, p.reason, i.step, i.number, i.stripe_invoice, i.settlement
     FROM payments p LEFT JOIN payment_invoices i USING (account, payment_intent) WHERE p.payment_intent = ?`,
    [intent],
  );
  if (!payment) return `Nothing is known of payment ${intent}.\n`;
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
  const questions = await rows<{ kind: string; state: string; summary: string }>(
    db,
    'SELECT kind, state, summary FROM review_items WHERE subject = ? ORDER BY id',
    [intent],
  );
  const money =
    payment.amount_received !== null && payment.currency
      ? formatMoney({ amount: payment.amount_received, currency: payment.currency })
      : 'amount unknown';
  return [
    `Payment  ${intent}  ${money}  ${payment.status ?? ''}`,
    `Decision ${payment.verdict ?? 'none yet'}: ${payment.reason ?? ''}`,
    payment.step
      ? `Invoice  ${payment.number ?? 'no number yet'}  ${payment.stripe_invoice ?? ''}  ${payment.step}  ${payment.settlement ?? ''}`
      : 'Invoice  none',
    ...events.map(
      (event) =>
        `Event    ${event.received_at.toISOString()}  ${event.id}  ${event.type}  ${event.outcome ?? 'open'} after ${event.attempts} attempts  ${event.reason ?? ''}`,
    ),
    ...questions.map((question) => `Review   ${question.kind} (${question.state}): ${question.summary}`),
    '',
  ].join('\n');
}
