import type { Observation } from './observation.ts';
import type { Purchase } from './purchase.ts';
import { money, table } from './table.ts';

/** A call that Quittance made to Stripe, as the simulator saw it. */
export type StripeCall = { id: string; url: string; method: string; template: string; status: number; ms: number };

/** What happened, as tables for a terminal. */
export function report(purchase: Purchase, { events, invoice }: Observation, calls: StripeCall[]): string {
  const eventRows = events
    .filter(({ heard }) => heard)
    .map((event) => [
      ms(event.after),
      event.type,
      purchase.sentOrder.length > 0 ? `no. ${purchase.sentOrder.indexOf(event.id) + 1}` : '',
      event.deliveries > 1 ? `${event.deliveries} times` : 'once',
      event.outcome ?? 'unfinished',
      event.reason ?? '',
    ]);
  const unheard = events.filter(({ heard }) => !heard).map(({ type }) => type);
  const stepRows = (invoice?.steps ?? []).map(({ step, after }) => [ms(after), step]);
  const total = invoice?.steps.find(({ step }) => step === 'paid')?.after;
  return [
    title('Webhooks, in the order in which they arrived'),
    table(['after', 'event', 'sent as', 'delivered', 'outcome', 'reason'], eventRows),
    `  and ${unheard.length} stored that no use case listens to: ${[...new Set(unheard)].join(', ')}`,
    title('Steps of the invoice, each stored before the next'),
    table(['after', 'step'], stepRows),
    title(`Calls to Stripe: ${calls.length}`),
    table(
      ['took', 'call', 'answer'],
      calls.map((call) => [ms(call.ms), `${call.method} ${call.template}`, String(call.status)]),
    ),
    title('Result'),
    `  ${invoice?.number ?? 'no invoice'} (${invoice?.stripeInvoice ?? '-'}): ${invoice?.step ?? '-'}, settled ${invoice?.settlement ?? '-'}`,
    `  Payment ${purchase.paymentIntent}: ${money(purchase.amount, purchase.currency)} for ${purchase.course}`,
    `  From the customer's click to the paid invoice: ${total === undefined ? 'never' : ms(total)}`,
    '',
  ].join('\n');
}

function title(text: string): string {
  return `\n${text}`;
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}
