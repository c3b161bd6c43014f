import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { Deps } from '../billing/deps/deps.ts';
import { parseInvoiceInput } from '../billing/own-invoices/invoice-input.ts';
import { listInvoices } from '../billing/own-invoices/invoice-list.ts';
import {
  amountsOfInvoice,
  findInvoice,
  type InvoiceStatus,
  type OwnInvoice,
} from '../billing/own-invoices/invoices.ts';
import { createInvoice, issueInvoice, NoSuchInvoice, voidInvoice } from '../billing/own-invoices/manage-invoice.ts';
import { paymentLogOf } from '../billing/own-invoices/payment-log.ts';
import { tokenOf } from '../billing/own-invoices/public-link.ts';
import { dayIn } from '../platform/business-day.ts';
import { formatMoney } from '../platform/money.ts';
import { minute, operator, withDeps } from './on-database.ts';
import type { Terminal } from './terminal.ts';

/** Own invoices from a shell. The file of `create` has the fields of `POST /v1/invoices`. */
export async function createFromFile(
  terminal: Terminal,
  options: { file: string; issue: boolean; mail: boolean },
): Promise<void> {
  if (options.mail && !options.issue) throw new Error('--mail needs --issue: a draft can’t be sent.');
  const given = options.file === '-' ? await text(terminal.stdin) : readFileSync(options.file, 'utf8');
  const input = parseInvoiceInput(parseJson(given));
  await withDeps(terminal, async (deps) => {
    const invoice = await deps.db.transaction(async (trx) => {
      const within = { ...deps, db: trx };
      const draft = await createInvoice(input, operator(), within);
      return options.issue ? issueInvoice(draft.id, { mail: options.mail }, operator(), within) : draft;
    });
    terminal.say(await headOf(invoice, deps));
  });
}

export async function issue(terminal: Terminal, id: string, { mail }: { mail: boolean }): Promise<void> {
  await withDeps(terminal, async (deps) =>
    terminal.say(await headOf(await issueInvoice(id, { mail }, operator(), deps), deps)),
  );
}

export async function markVoid(terminal: Terminal, id: string, { reason }: { reason: string }): Promise<void> {
  await withDeps(terminal, async (deps) =>
    terminal.say(await headOf(await voidInvoice(id, operator(), reason, deps), deps)),
  );
}

export async function show(terminal: Terminal, id: string): Promise<void> {
  await withDeps(terminal, async (deps) => {
    const invoice = await findInvoice(deps.db, id);
    if (!invoice) throw new NoSuchInvoice(id);
    terminal.say(await headOf(invoice, deps));
    const { currency } = invoice;
    const amounts = amountsOfInvoice(invoice);
    for (const line of invoice.lines) {
      const extra = line.optional ? `  (extra${amounts.lines.has(line.id) ? ', ticked' : ''})` : '';
      const price = formatMoney({ amount: line.unit_amount, currency });
      const tax = line.tax_percent === null ? '' : `  tax ${line.tax_percent} %`;
      terminal.say(`  ${line.quantity} × ${price}  ${line.description}${tax}${extra}`);
    }
    if (invoice.due_date) terminal.say(`due ${invoice.due_date}`);
    for (const entry of await paymentLogOf(deps.db, id)) {
      terminal.say(
        `${minute(entry.at, deps.timeZone)}  ${entry.kind}  ${entry.text}${entry.payment_intent ? `  ${entry.payment_intent}` : ''}`,
      );
    }
  });
}

const STATUSES: readonly (InvoiceStatus | 'overdue')[] = ['draft', 'issued', 'paid', 'void', 'overdue'];

export async function list(
  terminal: Terminal,
  options: { status?: string; search?: string; limit: string },
): Promise<void> {
  const status = STATUSES.find((known) => known === options.status);
  if (options.status && !status) throw new Error(`--status must be one of ${STATUSES.join(', ')}.`);
  const limit = Number(options.limit);
  if (!Number.isSafeInteger(limit) || limit < 1) throw new Error('--limit must be a whole number.');
  await withDeps(terminal, async (deps) => {
    const filter = { ...(status ? { status } : {}), ...(options.search ? { search: options.search } : {}), limit };
    const found = await listInvoices(deps.db, filter, dayIn(deps.timeZone, deps.clock()));
    if (found.length === 0) terminal.say('There are no such invoices.');
    for (const invoice of found) terminal.say(`${summaryOf(invoice)}  ${invoice.customer_name}`);
  });
}

function summaryOf(invoice: OwnInvoice): string {
  const money = formatMoney({ amount: amountsOfInvoice(invoice).gross, currency: invoice.currency });
  return `${invoice.id}  ${invoice.number ?? 'no number'}  ${invoice.status}  ${money}`;
}

async function headOf(invoice: OwnInvoice, { db, publicUrl }: Deps): Promise<string> {
  const link = invoice.status === 'draft' ? '' : `\n${publicUrl}/i/${await tokenOf(db, invoice)}`;
  return `${summaryOf(invoice)}${link}`;
}

function parseJson(json: string): unknown {
  try {
    // Editors of Windows begin a file with a mark.
    return JSON.parse(json.startsWith('\uFEFF') ? json.slice(1) : json);
  } catch (error) {
    throw new Error(`The file is not readable JSON: ${error instanceof Error ? error.message : error}`);
  }
}
