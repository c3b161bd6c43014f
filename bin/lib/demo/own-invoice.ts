import type Stripe from 'stripe';
import { z } from 'zod';
import { payOnPage, pressButton } from './checkout-page.ts';
import { until } from './patience.ts';
import { learner } from './purchase.ts';
import { money } from './table.ts';

/** Own invoices, from the API to the receipt, as a business and its customer would go about it. */
export type OwnInvoice = z.output<typeof ownInvoice>;

/** As /v1/invoices shows it; amounts in minor units of `currency`. */
const ownInvoice = z.object({
  id: z.string(),
  number: z.string(),
  url: z.string(),
  state: z.string(),
  currency: z.string(),
  totals: z.object({ gross: z.number() }),
  payment: z.object({ payment_intent: z.string(), amount: z.number() }).nullable(),
  log: z.array(z.object({ kind: z.string(), text: z.string() })),
});

export type Access = { api: string; key: string };

/** What there is about an invoice when everything has come to rest. */
export type PaidInvoice = {
  invoice: OwnInvoice;
  /** The page as it was after the way back. */
  page: string;
  receipts: number;
  /** All that name the payment. */
  stripeInvoices: Pick<Stripe.Invoice, 'number' | 'status' | 'total' | 'custom_fields'>[];
};

const caughtMails = z.object({ mails: z.array(z.object({ subject: z.string(), text: z.string().nullable() })) });

/** @returns an issued invoice; its link is mailed to the customer */
export async function createInvoice(access: Access, draft: object): Promise<OwnInvoice> {
  return v1(access, '', { ...draft, issue: true, mail: true });
}

/**
 * The customer opens the link in the mail, ticks the extra, presses *Pay by card*, pays on Stripe's page, comes back, and
 * reloads the page. @returns what that page says
 */
export async function payFromMail(mailCatcher: string, { number }: OwnInvoice): Promise<string> {
  const mail = await until(`the mail with invoice ${number}`, async () => {
    const [first] = await mailsAbout(mailCatcher, 'Invoice', number);
    return first ?? false;
  });
  const [link] = /https?:\/\/\S+\/i\/\S+/.exec(mail.text ?? '') ?? [];
  if (link === undefined) throw new Error(`The mail with invoice ${number} has no link to it: ${mail.text}`);
  const wayBack = await payOnPage(await pressButton(link), learner);
  await fetch(wayBack);
  return (await fetch(wayBack)).text();
}

/** To be asked when no webhook is on its way and no event is unfinished: nothing comes after it but mail. */
export async function lookAt(
  access: Access,
  stripe: Stripe,
  mailCatcher: string,
  { id, number }: OwnInvoice,
): Promise<Omit<PaidInvoice, 'page'>> {
  const invoice = await v1(access, `/${id}`);
  const receipts = () => mailsAbout(mailCatcher, 'Receipt', number);
  await until(`the receipt for invoice ${number}`, async () => (await receipts()).length > 0);
  const { data } = await stripe.invoices.list({ limit: 100 });
  const ofPayment = data.filter(({ metadata }) => metadata?.payment_intent === invoice.payment?.payment_intent);
  return { invoice, receipts: (await receipts()).length, stripeInvoices: ofPayment };
}

async function v1({ api, key }: Access, path: string, body?: object): Promise<OwnInvoice> {
  const answer = await fetch(`${api}/v1/invoices${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${key}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`/v1/invoices${path} answered ${answer.status}: ${await answer.text()}`);
  return ownInvoice.parse(await answer.json());
}

async function mailsAbout(mailCatcher: string, kind: 'Invoice' | 'Receipt', number: string) {
  const { mails } = caughtMails.parse(await (await fetch(`${mailCatcher}/mails`)).json());
  return mails.filter(({ subject }) => subject.startsWith(kind) && subject.includes(number));
}

export function ownInvoiceReport({ invoice, receipts, stripeInvoices }: PaidInvoice): string {
  const documents = stripeInvoices.map(({ number, total }) => `${number} of ${money(total, invoice.currency)}`);
  return [
    `\nOwn invoice ${invoice.number}, paid by its customer`,
    ...invoice.log.map(({ text }) => `  ${text}`),
    `  ${receipts === 1 ? 'A receipt was' : `${receipts} receipts were`} mailed.`,
    `  Stripe invoice ${documents.join(', ') || 'missing'} carries its number.\n`,
  ].join('\n');
}

/** Why the own invoice is not right, in sentences; none when it is. */
export function ownInvoiceComplaints({ invoice, page, receipts, stripeInvoices }: PaidInvoice): string[] {
  const wrong: string[] = [];
  const expect = (holds: boolean, otherwise: string) => {
    if (!holds) wrong.push(otherwise);
  };
  const { number, state, payment, totals, log } = invoice;
  expect(state === 'paid', `Invoice ${number} is ${state}, not paid.`);
  expect(payment?.amount === totals.gross, `Invoice ${number} comes to ${totals.gross}, paid was ${payment?.amount}.`);
  const paid = log.filter(({ kind }) => kind === 'paid').length;
  expect(paid === 1, `The log of invoice ${number} says ${paid} times that it was paid.`);
  expect(/<h2[^>]*>Paid</.test(page), 'The page that the customer came back to does not say that it is paid.');
  expect(receipts === 1, `${receipts} receipts were mailed instead of one.`);
  expect(stripeInvoices.length === 1, `Stripe has ${stripeInvoices.length} invoices for the payment of ${number}.`);
  for (const { status, total, custom_fields: fields } of stripeInvoices) {
    expect(status === 'paid', `The Stripe invoice for ${number} is ${status}.`);
    expect(total === totals.gross, `The Stripe invoice for ${number} says ${total}, not ${totals.gross}.`);
    const carried = fields?.some(({ value }) => value === number) ?? false;
    expect(carried, `The Stripe invoice does not carry the number ${number}.`);
  }
  return wrong;
}
