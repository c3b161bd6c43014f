import type { VNode } from 'preact';
import type { AccessPolicy } from '../../../billing/policy/access.ts';
import type { SubscriptionTrace } from '../../../billing/subscription-trace.ts';
import { planInWords } from '../../../billing/subscriptions/item-words.ts';
import type { InvoiceLine, SubscriptionInvoice } from '../../../billing/subscriptions/subscription.ts';
import { formatMoney } from '../../../platform/money.ts';
import { When } from '../parts/facts.tsx';
import { Period } from '../parts/period.tsx';
import { Table } from '../parts/table.tsx';

/** The invoices that Stripe made for a subscription: what they are over, and how their collection goes. */
interface Told {
  readonly trace: SubscriptionTrace;
  readonly policy: AccessPolicy;
}

export function Invoices({ trace: { invoices, prices }, policy }: Told): VNode {
  const planOfLine = ({ price: id }: InvoiceLine) => {
    const price = id === null ? undefined : prices.get(id);
    return price ? planInWords(price, policy) : (id ?? 'something else');
  };
  return (
    <section>
      <h2>Invoices</h2>
      <Table
        caption="Invoices that Stripe made for it, latest first"
        columns={['Number', 'State', 'Over', 'Total', 'Tries', 'Next try']}
        numbers={['Total', 'Tries']}
        empty="None are known."
        rows={invoices.map((invoice) => ({
          key: invoice.id,
          cells: [
            <InvoiceNumber key="number" invoice={invoice} />,
            <State key="state" invoice={invoice} />,
            <div key="over">
              {invoice.lines.map((line) => (
                <Line key={line.id} line={line} plan={planOfLine(line)} currency={invoice.currency} />
              ))}
            </div>,
            formatMoney({ amount: invoice.total, currency: invoice.currency }),
            invoice.attemptCount,
            invoice.nextPaymentAttempt ? <When key="next" at={invoice.nextPaymentAttempt} /> : '–',
          ],
        }))}
      />
    </section>
  );
}

/** Leads to Stripe's page of it, as far as that is one. */
function InvoiceNumber({ invoice: { id, number, hostedInvoiceUrl: url } }: { readonly invoice: SubscriptionInvoice }) {
  const text = number ?? id;
  return url?.startsWith('https://') ? (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {text}
    </a>
  ) : (
    <span>{text}</span>
  );
}

const TONES = { draft: 'quiet', open: 'busy', paid: 'good', void: 'quiet', uncollectible: 'bad' } as const;

function State({ invoice }: { readonly invoice: SubscriptionInvoice }): VNode {
  const { status, paidAt, dueDate, amountRemaining: amount, total, currency } = invoice;
  return (
    <span>
      <span class={`chip ${TONES[status]}`}>{status}</span>
      {status === 'paid' && paidAt ? (
        <span class="hint">
          {' '}
          <When at={paidAt} />
        </span>
      ) : null}
      {status === 'open' && dueDate ? (
        <span class="hint">
          {' '}
          due <When at={dueDate} />
        </span>
      ) : null}
      {status === 'open' && amount !== total ? (
        <span class="hint"> {formatMoney({ amount, currency })} are left</span>
      ) : null}
    </span>
  );
}

interface LineProps {
  readonly line: InvoiceLine;
  readonly plan: string;
  readonly currency: string;
}

function Line({ line: { quantity, amount, proration, periodStart, periodEnd }, plan, currency }: LineProps): VNode {
  return (
    <div>
      {quantity !== null && quantity !== 1 ? `${quantity} × ` : ''}
      {plan}
      {proration ? ' (for a part of the time)' : ''} <span class="nowrap">{formatMoney({ amount, currency })}</span>{' '}
      <span class="hint">
        <Period from={periodStart} to={periodEnd} />
      </span>
    </div>
  );
}
