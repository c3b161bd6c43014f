import type { VNode } from 'preact';
import type { AttemptRow } from '../../billing/own-invoices/checkout-attempts.ts';
import type { OwnInvoice } from '../../billing/own-invoices/invoices.ts';
import type { Business } from '../../platform/business.ts';
import { formatMoney } from '../../platform/money.ts';
import { Page } from '../page.tsx';

/**
 * Where a customer comes back to when the link of the invoice was renewed while he paid: what became of his payment, and
 * nothing of the invoice, which the old link must not show any more.
 */
export function RenewedPage({ business, sentence }: { readonly business: Business; readonly sentence: string }): VNode {
  return (
    <Page title="Your payment" site={business.name}>
      <main class="narrow">
        <p class="brand">{business.name}</p>
        <h1>Your payment</h1>
        <p>{sentence}</p>
        <p>
          The link of this invoice was renewed in the meantime. To see the invoice, please ask {business.name} for the
          current one.
        </p>
      </main>
    </Page>
  );
}

/** What became of the payment in one session, as its payer is told. */
export function outcomeOf(
  invoice: Pick<OwnInvoice, 'payment_intent'>,
  attempt: Pick<AttemptRow, 'state' | 'payment_intent' | 'amount' | 'currency'>,
): string {
  switch (attempt.state) {
    case 'paid':
      return attempt.payment_intent === invoice.payment_intent
        ? `Thank you! Your payment of ${formatMoney(attempt)} has arrived.`
        : `Your payment of ${formatMoney(attempt)} has arrived, but this invoice was paid or cancelled already. We will settle that with you.`;
    case 'processing':
      return 'We have your payment order and wait for the bank to confirm it, which can take some days. You don’t need to do anything.';
    case 'failed':
      // A bank debit that came back has no payment noted; one that a person had to decide about has.
      return attempt.payment_intent
        ? 'Your payment was not put to this invoice. Please contact us.'
        : 'The payment did not succeed; nothing was charged.';
    case 'creating':
    case 'open':
      if (attempt.payment_intent) return 'We received a payment that we have to check. You don’t need to do anything.';
      return 'This payment was not completed; nothing was charged.';
    case 'expired':
    case 'refused':
      return 'This payment was not completed; nothing was charged.';
  }
}
