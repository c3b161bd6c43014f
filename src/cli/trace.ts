import { type PaymentTrace, paymentNamedBy, tracePayment } from '../billing/payment-trace.ts';
import { databaseUrl } from '../platform/config.ts';
import { connect, type Db } from '../platform/db.ts';
import { formatMoney } from '../platform/money.ts';
import type { Terminal } from './terminal.ts';

/** Prints the story of one payment: what was decided, its documents, what was taken back, its events and open questions. */
export async function trace({ env, say }: Terminal, id: string): Promise<void> {
  const db = connect(databaseUrl(env), { name: 'cli', connections: 2 });
  try {
    const intent = await paymentOf(db, id);
    const found = await tracePayment(db, intent);
    say(found ? story(found).join('\n') : `Nothing is known of payment ${intent}.`);
  } finally {
    await db.destroy();
  }
}

async function paymentOf(db: Db, id: string): Promise<string> {
  if (!/^(pi|evt|re|pyr|du|dp)_/.test(id)) {
    throw new Error(`${id} is no payment intent (pi_…), event (evt_…), refund (re_…) or dispute (du_…).`);
  }
  const intent = await paymentNamedBy(db, id);
  if (intent) return intent;
  if (intent === null) throw new Error(`Event ${id} led to no payment (or not yet).`);
  throw new Error(
    id.startsWith('evt_')
      ? `There is no event ${id}. Is the endpoint subscribed to its type?`
      : `Nothing is known of ${id}.`,
  );
}

function story(payment: PaymentTrace): string[] {
  const { own_invoice: own, disputed_since: disputed } = payment;
  return [
    `Payment  ${payment.payment_intent}  ${money(payment.amount_received, payment.currency)}  ${payment.status ?? ''}`,
    ...(own ? [`Settled  own invoice ${own.number}  ${own.id}`] : []),
    `Decision ${payment.verdict ?? 'none yet'}: ${payment.reason ?? ''}`,
    ...(disputed ? [`Disputed since ${disputed.toISOString()}`] : []),
    ...invoiceLines(payment),
    ...payment.adjustments.flatMap(adjustmentLines),
    ...payment.events.map(
      (event) =>
        `Event    ${event.received_at.toISOString()}  ${event.id}  ${event.type}  ${event.outcome ?? 'open'} after ${event.attempts} attempts  ${event.reason ?? ''}`,
    ),
    ...payment.questions.map(({ kind, state, summary }) => `Review   ${kind} (${state}): ${summary}`),
  ];
}

function invoiceLines({ invoices }: PaymentTrace): string[] {
  if (invoices.length === 0) return ['Invoice  none of ours'];
  return invoices.map(
    ({ number, stripe_invoice, total, currency, step, settlement, reverses }) =>
      `Invoice  ${number ?? 'no number yet'}  ${stripe_invoice ?? ''}  ${money(total, currency)}  ${step}  ${settlement ?? ''}${reverses ? `  takes back ${reverses}` : ''}`,
  );
}

function adjustmentLines({ note, ...each }: PaymentTrace['adjustments'][number]): string[] {
  return [
    `${each.kind === 'refund' ? 'Refund ' : 'Dispute'}  ${each.id}  ${formatMoney(each)}  ${each.status}  ${each.decision}: ${each.reason}`,
    ...(note
      ? [
          `Note     ${note.number ?? 'no number yet'}  ${note.stripe_credit_note ?? ''}  ${money(note.amount, each.currency)}  for ${each.id}${note.reversed_by ? `  taken back by ${note.reversed_by}` : ''}`,
        ]
      : []),
  ];
}

function money(amount: number | null, currency: string | null): string {
  return amount !== null && currency ? formatMoney({ amount, currency }) : 'amount unknown';
}
