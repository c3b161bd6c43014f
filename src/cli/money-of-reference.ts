import {
  type InvoiceOfReference,
  invoicesOfReference,
  type PaymentOfReference,
  paymentsOfReference,
} from '../billing/managing/money-of-reference.ts';
import type { Db } from '../platform/db.ts';
import { formatMoney } from '../platform/money.ts';
import type { Page, PageAsked } from '../platform/pages.ts';
import { minute, onDatabase } from './on-database.ts';
import { referenceOf } from './reference.ts';
import type { Terminal } from './terminal.ts';

/** What somebody of the application was invoiced and has paid, from a shell. */
interface Options {
  readonly limit: string;
  readonly json: boolean;
}

const MOST_LISTED = 1_000;

export async function invoices(terminal: Terminal, given: string, options: Options): Promise<void> {
  await listed(terminal, given, options, invoicesOfReference, invoiceLine, 'There are no invoices');
}

export async function payments(terminal: Terminal, given: string, options: Options): Promise<void> {
  await listed(terminal, given, options, paymentsOfReference, paymentLine, 'There are no payments');
}

async function listed<Row>(
  terminal: Terminal,
  given: string,
  { limit: said, json }: Options,
  read: (db: Db, reference: string, asked: PageAsked) => Promise<Page<Row> | undefined>,
  lineOf: (row: Row, at: (moment: Date) => string) => string,
  none: string,
): Promise<void> {
  const reference = referenceOf(given);
  const limit = Number(said);
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MOST_LISTED) {
    throw new Error(`--limit must be a whole number from 1 to ${MOST_LISTED}.`);
  }
  await onDatabase(terminal, async (db, timeZone) => {
    const found = (await read(db, reference, { limit }))?.rows ?? [];
    if (json) terminal.say(JSON.stringify(found, null, 2));
    else if (found.length === 0) terminal.say(`${none} of ${reference}.`);
    else for (const row of found) terminal.say(lineOf(row, (moment) => minute(moment, timeZone)));
  });
}

function invoiceLine(
  { id, number, status, total, amount_remaining: remaining, currency, subscription, created, url }: InvoiceOfReference,
  at: (moment: Date) => string,
): string {
  const toPay = status === 'open' ? `, ${formatMoney({ amount: remaining, currency })} to pay: ${url ?? id}` : '';
  return `${at(created)}  ${number ?? id}  ${status}  ${formatMoney({ amount: total, currency })}${toPay}  ${subscription}`;
}

function paymentLine(
  {
    id,
    amount,
    currency,
    paid_at: paidAt,
    refunded,
    dispute_lost: lost,
    subscription,
    number,
    invoice,
  }: PaymentOfReference,
  at: (moment: Date) => string,
): string {
  const money = (of: number | null) => formatMoney({ amount: of ?? 0, currency: currency ?? 'eur' });
  const back = [refunded > 0 ? `${money(refunded)} refunded` : '', lost ? 'lost in a dispute' : ''].filter(Boolean);
  return [
    paidAt === null ? '–' : at(paidAt),
    id,
    [money(amount), ...back].join(', '),
    subscription ?? 'bought',
    number ?? invoice ?? 'no document',
  ].join('  ');
}
