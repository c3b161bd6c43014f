import { setTimeout as sleep } from 'node:timers/promises';
import type Stripe from 'stripe';
import { payOnPage } from './checkout-page.ts';
import { learner } from './purchase.ts';
import { money } from './table.ts';

/** An own invoice, from the API to the receipt, as a business and its customer would go about it. */
export type OwnInvoice = {
  id: string;
  number: string;
  url: string;
  state: string;
  totals: { gross: number };
  currency: string;
  payment: { payment_intent: string; amount: number } | null;
  lines: { id: number; optional: boolean }[];
};

export type PaidInvoice = {
  invoice: OwnInvoice;
  /** The page as it was after the way back. */
  page: string;
  log: string[];
  receipts: number;
  stripeInvoice: Pick<Stripe.Invoice, 'number' | 'total'> | undefined;
};

type Access = { api: string; key: string };

/** @returns an issued invoice, its link mailed to the customer */
export async function createInvoice({ api, key }: Access): Promise<OwnInvoice> {
  const answer = await fetch(`${api}/v1/invoices`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      customer_name: learner.name,
      customer_email: learner.email,
      currency: 'eur',
      notes: 'Thank you!',
      lines: [
        { description: 'Portrait in watercolour, 40 × 50 cm', unit_amount: 24_000, tax_percent: '19' },
        { description: 'Frame', unit_amount: 3_500, tax_percent: '19', optional: true },
      ],
      issue: true,
      mail: true,
    }),
  });
  if (!answer.ok) throw new Error(`POST /v1/invoices answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

/** Ticks the extra, presses *Pay by card*, pays on Stripe's page and comes back. */
export async function payInvoice(
  access: Access,
  stripe: Stripe,
  mailCatcher: string,
  invoice: OwnInvoice,
): Promise<PaidInvoice> {
  const extras = invoice.lines.filter(({ optional }) => optional).map(({ id }) => ['extras', String(id)]);
  const pressed = await fetch(`${invoice.url}/pay`, {
    method: 'POST',
    body: new URLSearchParams(extras),
    headers: { origin: new URL(invoice.url).origin },
    redirect: 'manual',
  });
  const checkout = pressed.headers.get('location');
  if (!checkout?.includes('/c/pay/')) throw new Error(`Pay by card led to ${checkout} (${pressed.status})`);
  const back = await payOnPage(checkout, learner);
  const page = await (await fetch(back)).text();
  return {
    page,
    invoice: await show(access, invoice.id),
    log: await logOf(access, invoice.id),
    receipts: await receiptsFor(mailCatcher, invoice.number),
    stripeInvoice: await stripeInvoiceOf(stripe, invoice.number),
  };
}

async function get({ api, key }: Access, path: string): Promise<unknown> {
  const answer = await fetch(`${api}/v1/invoices/${path}`, { headers: { authorization: `Bearer ${key}` } });
  if (!answer.ok) throw new Error(`GET /v1/invoices/${path} answered ${answer.status}`);
  return answer.json();
}

async function show(access: Access, id: string): Promise<OwnInvoice> {
  return (await get(access, id)) as OwnInvoice;
}

async function logOf(access: Access, id: string): Promise<string[]> {
  const { log } = (await get(access, id)) as { log: { text: string }[] };
  return log.map(({ text }) => text);
}

async function receiptsFor(mailCatcher: string, number: string): Promise<number> {
  for (let round = 0; round < 150; round += 1) {
    const answer: { mails?: { subject: string }[] } | { subject: string }[] = await (
      await fetch(`${mailCatcher}/mails`)
    ).json();
    const mails = Array.isArray(answer) ? answer : (answer.mails ?? []);
    const receipts = mails.filter(({ subject }) => /receipt/i.test(subject) && subject.includes(number));
    if (receipts.length > 0) return receipts.length;
    await sleep(100);
  }
  return 0;
}

async function stripeInvoiceOf(stripe: Stripe, number: string): Promise<Stripe.Invoice | undefined> {
  for (let round = 0; round < 150; round += 1) {
    const { data } = await stripe.invoices.list({ limit: 100 });
    const found = data.find(({ custom_fields }) => custom_fields?.some(({ value }) => value === number));
    if (found?.status === 'paid') return found;
    await sleep(100);
  }
  return undefined;
}

export function ownInvoiceReport({ invoice, log, receipts, stripeInvoice }: PaidInvoice): string {
  return [
    `\nOwn invoice ${invoice.number}, paid by its customer`,
    ...log.map((text) => `  ${text}`),
    `  ${receipts === 1 ? 'A receipt was' : `${receipts} receipts were`} mailed.`,
    `  Stripe invoice ${stripeInvoice?.number ?? 'missing'} of ${money(stripeInvoice?.total ?? 0, invoice.currency)} carries its number.\n`,
  ].join('\n');
}

/** Why the own invoice is not right, in sentences; none when it is. */
export function ownInvoiceComplaints({ invoice, page, receipts, stripeInvoice }: PaidInvoice): string[] {
  const wrong: string[] = [];
  if (invoice.state !== 'paid') wrong.push(`Invoice ${invoice.number} is ${invoice.state}, not paid.`);
  if (invoice.payment?.amount !== invoice.totals.gross) {
    wrong.push(`Invoice ${invoice.number} comes to ${invoice.totals.gross}, paid was ${invoice.payment?.amount}.`);
  }
  if (!page.includes('Paid')) wrong.push('The page that the customer came back to does not say that it is paid.');
  if (receipts !== 1) wrong.push(`${receipts} receipts were mailed instead of one.`);
  if (stripeInvoice?.total !== invoice.totals.gross)
    wrong.push(`No paid Stripe invoice carries number ${invoice.number}.`);
  return wrong;
}
