import type { VNode } from 'preact';
import {
  type PaymentTrace,
  paymentNamedBy,
  type TracedAdjustment,
  tracePayment,
} from '../../../billing/payment-trace.ts';
import { inWords } from '../../../platform/in-words.ts';
import { formatMoney } from '../../../platform/money.ts';
import { room } from '../frame/room.ts';
import { Fact, When } from '../parts/facts.tsx';
import { Table } from '../parts/table.tsx';
import { TracedEvents, TracedQuestions } from '../parts/traced.tsx';

/** The story of one payment: what was decided, its documents, its events. Refunds and disputes lead to it, too. */
export const payment = room({
  path: '/payments/:id',
  id: /^(pi|re|pyr|du|dp)_\w+$/,
  linked: true,
  async read({ id }, { billing: { db } }): Promise<{ payment: PaymentTrace } | undefined> {
    const intent = await paymentNamedBy(db, id);
    const traced = intent ? await tracePayment(db, intent) : undefined;
    return traced && { payment: traced };
  },
  page: (content) => ({ title: 'Payment', body: <Story {...content} /> }),
});

function Story({ payment }: { readonly payment: PaymentTrace }): VNode {
  const { amount_received: amount, currency, own_invoice: own, paid_at: paid, disputed_since: disputed } = payment;
  return (
    <>
      <dl class="record">
        <Fact name="Payment intent">
          <code>{payment.payment_intent}</code>
        </Fact>
        <Fact name="Received">{amount !== null && currency ? formatMoney({ amount, currency }) : 'nothing yet'}</Fact>
        <Fact name="Status">{payment.status}</Fact>
        <Fact name="Paid">{paid ? <When at={paid} /> : null}</Fact>
        <Fact name="Disputed since">{disputed ? <When at={disputed} /> : null}</Fact>
        <Fact name="Own invoice">{own ? <a href={`/console/invoices/${own.id}`}>{own.number}</a> : null}</Fact>
        <Fact name="Decision">
          {payment.verdict ?? 'none yet'}
          {payment.reason ? `: ${payment.reason}` : ''}
        </Fact>
      </dl>
      <section>
        <h2>Stripe invoices</h2>
        <Table
          caption="Invoices made for this payment"
          columns={['Number', 'Step', 'Settled', 'Total', 'Invoice']}
          numbers={['Total']}
          empty="None."
          rows={payment.invoices.map((invoice, row) => ({
            key: String(row),
            cells: [
              invoice.number ?? '–',
              invoice.step,
              inWords(invoice.settlement ?? '–'),
              formatMoney({ amount: invoice.total, currency: invoice.currency }),
              <code key="id">{invoice.stripe_invoice ?? '–'}</code>,
            ],
          }))}
        />
      </section>
      <section>
        <h2>Refunds and disputes</h2>
        <Table
          caption="Refunds and disputes, oldest first"
          columns={['Time', 'What', 'Status', 'Amount', 'Credit note']}
          numbers={['Amount']}
          empty="None."
          rows={payment.adjustments.map((taken) => ({
            key: taken.id,
            cells: [
              <When key="at" at={taken.happened_at} />,
              <span key="what">
                {taken.kind} <code>{taken.id}</code>
              </span>,
              taken.status,
              formatMoney(taken),
              noteOf(taken),
            ],
          }))}
        />
      </section>
      <TracedQuestions questions={payment.questions} />
      <TracedEvents events={payment.events} />
    </>
  );
}

function noteOf({ note, decision, reason }: TracedAdjustment): string {
  if (!note) return `${decision}: ${reason}`;
  return `${note.number ?? 'begun'}${note.reversed_by ? ', taken back' : ''}`;
}
