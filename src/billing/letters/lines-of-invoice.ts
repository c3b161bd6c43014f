import { figure, percent } from '../../platform/figures.ts';
import { formatMoney } from '../../platform/money.ts';
import type { Row, WordLines } from '../../platform/words.ts';
import { amountsOfInvoice, type OwnInvoice } from '../own-invoices/invoices.ts';

/** The lines of an invoice for a mail: what was paid with it once it is paid, until then what is due without extras. */
export function linesOf(invoice: OwnInvoice): WordLines {
  const { currency, prices_include_tax: included } = invoice;
  const amounts = amountsOfInvoice(invoice);
  const money = (amount: number) => figure({ amount, currency });
  const taxes: Row[] = amounts.taxes.map((tax) => ({
    name: `${included ? 'of which tax' : 'Tax'} ${percent(tax.percent)} on ${money(tax.taxable)}`,
    value: money(tax.tax),
  }));
  return {
    heading: { name: 'Description', value: `Amount (${currency.toUpperCase()})` },
    lines: invoice.lines
      .filter(({ id }) => amounts.lines.has(id))
      .map((line) => ({
        name: line.quantity > 1 ? `${line.quantity} × ${line.description}` : line.description,
        value: money(line.quantity * line.unit_amount),
      })),
    sums: taxes.length > 0 && !included ? [{ name: 'Net', value: money(amounts.net) }, ...taxes] : taxes,
    total: { name: 'Total', value: formatMoney({ amount: amounts.gross, currency }) },
  };
}
