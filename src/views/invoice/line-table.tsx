import type { VNode } from 'preact';
import type { InvoiceAmounts } from '../../billing/own-invoices/invoice-total.ts';
import type { InvoiceLineRow, OwnInvoice } from '../../billing/own-invoices/invoices.ts';
import { figure, percent } from '../../platform/figures.ts';
import { formatMoney } from '../../platform/money.ts';

/** What an invoice charges for, and what it comes to: the same on the public page and in the console. */
export interface LineTableProps {
  readonly invoice: Pick<OwnInvoice, 'currency' | 'prices_include_tax'>;
  readonly lines: readonly InvoiceLineRow[];
  readonly amounts: InvoiceAmounts;
}

export function LineTable({ invoice, lines, amounts }: LineTableProps): VNode {
  const taxed = lines.some(({ tax_percent }) => tax_percent !== null);
  const money = (amount: number) => figure({ amount, currency: invoice.currency });
  return (
    <table class="lines">
      <caption class="unseen">
        What this invoice charges for, in {invoice.currency.toUpperCase()}
        {invoice.prices_include_tax && taxed ? ', tax included' : ''}
      </caption>
      <thead>
        <tr>
          <th scope="col">Description</th>
          <th scope="col" class="number wide">
            Quantity
          </th>
          <th scope="col" class="number wide">
            Unit price
          </th>
          {taxed ? (
            <th scope="col" class="number wide">
              Tax
            </th>
          ) : null}
          <th scope="col" class="number">
            Amount ({invoice.currency.toUpperCase()})
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.id}>
            <th scope="row">
              <span class="text">{line.description}</span>
              {line.optional ? <span class="tag">extra</span> : null}
              <span class="narrow">
                {line.quantity} × {money(line.unit_amount)}
                {line.tax_percent === null ? '' : `, ${percent(line.tax_percent)} tax`}
              </span>
            </th>
            <td class="number wide">{line.quantity}</td>
            <td class="number wide">{money(line.unit_amount)}</td>
            {taxed ? <td class="number wide">{line.tax_percent === null ? '' : percent(line.tax_percent)}</td> : null}
            <td class="number">{money(line.quantity * line.unit_amount)}</td>
          </tr>
        ))}
      </tbody>
      <Totals invoice={invoice} amounts={amounts} columns={taxed ? 5 : 4} />
    </table>
  );
}

interface TotalsProps extends Pick<LineTableProps, 'invoice' | 'amounts'> {
  readonly columns: number;
}

/** Net and taxes stand before the total where they are added to it, and after it where it holds them already. */
function Totals({ invoice, amounts, columns }: TotalsProps): VNode {
  const { currency, prices_include_tax: included } = invoice;
  const taxes = amounts.taxes.map(({ percent: rate, taxable, tax }) => (
    <Sum
      key={rate}
      columns={columns}
      name={`${included ? 'of which tax' : 'Tax'} ${percent(rate)} on ${figure({ amount: taxable, currency })}`}
      value={figure({ amount: tax, currency })}
    />
  ));
  const total = <Sum columns={columns} name="Total" value={formatMoney({ amount: amounts.gross, currency })} strong />;
  return (
    <tfoot>
      {taxes.length > 0 && !included ? (
        <Sum columns={columns} name="Net" value={figure({ amount: amounts.net, currency })} />
      ) : null}
      {included ? [total, ...taxes] : [...taxes, total]}
    </tfoot>
  );
}

function Sum(props: { columns: number; name: string; value: string; strong?: boolean }): VNode {
  return (
    <tr class={props.strong ? 'total' : ''}>
      <th scope="row">{props.name}</th>
      {/* As many cells as there are columns, of which a narrow page hides some. */}
      {Array.from({ length: props.columns - 2 }, (_, position) => (
        <td key={position} class="wide" />
      ))}
      <td class="number">{props.value}</td>
    </tr>
  );
}
