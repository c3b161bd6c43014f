import type { VNode } from 'preact';
import { amountsOfLine, type InvoiceAmounts } from '../../billing/own-invoices/invoice-total.ts';
import type { InvoiceLineRow, OwnInvoice } from '../../billing/own-invoices/invoices.ts';
import type { Business } from '../../platform/business.ts';
import { dayIn } from '../../platform/business-day.ts';
import { longDay, minuteWithZone } from '../../platform/figures.ts';
import { formatMoney } from '../../platform/money.ts';
import type { Failure, InvoiceState } from './invoice-state.ts';

/** What the customer can do now, or need not do; not on paper. */
export interface PaymentPanelProps {
  readonly business: Business;
  readonly invoice: OwnInvoice;
  readonly state: InvoiceState;
  readonly amounts: InvoiceAmounts;
  /** Ids of the extras that are ticked already, e.g. in the session that is open. */
  readonly ticked: readonly number[];
  /** What the invoice comes to with them, minor units. */
  readonly withTicked: number;
  readonly failure: Failure | undefined;
  /** What just went wrong. */
  readonly problem: string | undefined;
  readonly payPath: string;
  /** False: nothing may be started now, e.g. because it is not known whether a payment arrived. */
  readonly payable: boolean;
}

export function PaymentPanel(props: PaymentPanelProps): VNode {
  const { business, invoice, state, amounts, failure, problem } = props;
  return (
    <aside class="panel" aria-labelledby="payment">
      <p class="hint about">
        <span>{business.name}</span> <span class="nowrap">Invoice {invoice.number}</span>
      </p>
      <h2 id="payment">{HEADINGS[state]}</h2>
      {state === 'void' ? null : (
        <p class="amount">{formatMoney({ amount: amounts.gross, currency: invoice.currency })}</p>
      )}
      {problem ? (
        <p class="problem" role="alert">
          {problem}
        </p>
      ) : null}
      <p>{explain(state, invoice, business)}</p>
      {props.payable && failure && !problem ? (
        <p class="problem">
          The last attempt to pay did not succeed
          {failure.at ? ` (${minuteWithZone(failure.at, business.timeZone)})` : ''}: {failure.words} You can try again.
        </p>
      ) : null}
      {props.payable ? <PayForm {...props} /> : null}
    </aside>
  );
}

const HEADINGS: Readonly<Record<InvoiceState, string>> = {
  draft: 'Draft',
  unpaid: 'Amount due',
  overdue: 'Amount overdue',
  processing: 'Payment on its way',
  checking: 'Payment being checked',
  paid: 'Paid',
  void: 'Cancelled',
};

function explain(state: InvoiceState, { due_date: due, paid_at: paidAt }: OwnInvoice, { timeZone }: Business): string {
  switch (state) {
    case 'draft':
      return 'This invoice is not issued yet.';
    case 'unpaid':
      return due ? `Please pay by ${longDay(due)}.` : 'Payable now.';
    case 'overdue':
      return `This invoice was due on ${due ? longDay(due) : 'an earlier day'}.`;
    case 'processing':
      return 'We have your payment order and wait for the bank to confirm it, which can take some days. You don’t need to do anything.';
    case 'checking':
      return 'We received a payment that we have to check. You don’t need to do anything.';
    case 'paid':
      return `Received on ${paidAt ? longDay(dayIn(timeZone, paidAt)) : 'an earlier day'}. Thank you! This page is your receipt: print it or save it for your records.`;
    case 'void':
      return 'This invoice was cancelled. There is nothing to pay.';
  }
}

function PayForm({ invoice, amounts, ticked, withTicked, payPath }: PaymentPanelProps): VNode {
  const extras = invoice.lines.filter(({ optional }) => optional);
  const money = (amount: number) => formatMoney({ amount, currency: invoice.currency });
  return (
    <form method="post" action={payPath}>
      {extras.length > 0 ? (
        <fieldset>
          <legend>Optional extras</legend>
          {extras.map((line) => (
            <Extra key={line.id} line={line} invoice={invoice} checked={ticked.includes(line.id)} />
          ))}
        </fieldset>
      ) : null}
      {ticked.length > 0 ? (
        <p class="with-extras">
          With the extras you ticked before: <strong class="nowrap">{money(withTicked)}</strong>
        </p>
      ) : null}
      <button type="submit">{extras.length > 0 ? 'Pay by card' : `Pay ${money(amounts.gross)} by card`}</button>
      <p class="hint">
        {extras.length > 0 ? 'You see the full amount before you pay. ' : ''}
        The payment is handled by Stripe; your card number does not reach us.
      </p>
    </form>
  );
}

function Extra(props: { line: InvoiceLineRow; invoice: OwnInvoice; checked: boolean }): VNode {
  const { line, invoice, checked } = props;
  const { gross } = amountsOfLine(line, invoice.prices_include_tax);
  const price = formatMoney({ amount: Math.abs(gross), currency: invoice.currency });
  return (
    <label class="extra">
      <input type="checkbox" name="extras" value={line.id} checked={checked} />
      <span>
        <span class="text">{line.quantity > 1 ? `${line.quantity} × ${line.description}` : line.description}</span>
        <span class="hint">
          {gross < 0 ? 'takes off' : 'adds'} {price}
        </span>
      </span>
    </label>
  );
}
