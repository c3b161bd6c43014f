import type Stripe from 'stripe';
import type { Payment } from '../../stripe/payment.ts';
import type { BillTo } from './payment-invoices.ts';

/**
 * Whom the invoice is made out to, pure. The buyer's own customer is used unless he has a balance: Stripe would apply that
 * to the invoice ("You can't choose to not apply the invoice balance"), so that the credit is spent on something already
 * paid. A stand-in with the same name and address has no balance, no discount and no currency of its own.
 */
export function billToOf({ customer, intent }: Payment): BillTo {
  if (!customer) return 'guest';
  const creditOfCurrency = customer.invoice_credit_balance?.[intent.currency] ?? 0;
  return customer.balance !== 0 || creditOfCurrency !== 0 ? 'stand_in' : 'buyer';
}

/** What a customer made for this one payment says: the buyer as Checkout, his customer or the charge describe him. */
export function customerParams(payment: Payment, claimOf: Stripe.MetadataParam): Stripe.CustomerCreateParams {
  const { customer, session, charge } = payment;
  const details = session?.customer_details;
  const name = customer?.name ?? details?.name ?? charge?.billing_details.name;
  const email = customer?.email ?? details?.email ?? charge?.billing_details.email ?? payment.intent.receipt_email;
  const address = addressOf(customer?.address ?? details?.address ?? charge?.billing_details.address);
  const taxIds = (details?.tax_ids ?? []).flatMap(({ type, value }) =>
    value === null || type === 'unknown' ? [] : [{ type, value }],
  );
  return {
    ...(name ? { name } : {}),
    ...(email ? { email } : {}),
    ...(address ? { address } : {}),
    ...(taxIds.length > 0 ? { tax_id_data: taxIds } : {}),
    ...(customer?.preferred_locales?.length ? { preferred_locales: customer.preferred_locales } : {}),
    ...(customer?.tax_exempt ? { tax_exempt: customer.tax_exempt } : {}),
    metadata: { ...claimOf, ...(customer ? { stands_in_for: customer.id } : {}) },
  };
}

function addressOf(address: Stripe.Address | null | undefined): Stripe.AddressParam | undefined {
  if (!address) return undefined;
  const parts = Object.entries({
    line1: address.line1,
    line2: address.line2,
    city: address.city,
    postal_code: address.postal_code,
    state: address.state,
    country: address.country,
  }).filter((part): part is [string, string] => typeof part[1] === 'string' && part[1] !== '');
  return parts.length > 0 ? Object.fromEntries(parts) : undefined;
}
