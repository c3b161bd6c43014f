import type { OwnInvoice } from '../../billing/own-invoices/invoices.ts';
import { printable, printableLine } from '../../platform/text.ts';

/** The invoice as its page shows it: of what was typed, only what can be shown. */
export function printableInvoice(invoice: OwnInvoice): OwnInvoice {
  const { customer_name: name, customer_address: address, notes, lines } = invoice;
  return {
    ...invoice,
    customer_name: printableLine(name),
    customer_address: address && printable(address),
    notes: notes && printable(notes),
    lines: lines.map((line) => ({ ...line, description: printable(line.description) })),
  };
}
