import type Stripe from 'stripe';
import type { Payment } from '../../stripe/payment.ts';
import type { Recipient } from '../payments/document.ts';
import type { BillTo } from './payment-invoices.ts';

/** Whom a document is made out to, pure. */

export interface Billing {
  readonly settlement: 'out_of_band' | 'attach';
  /** Undefined: who paid is who is billed. */
  readonly recipient?: Recipient | undefined;
}

/**
 * The buyer's own customer is billed, unless his document would then be wrong: he has a balance, which Stripe would apply to
 * it ("You can't choose to not apply the invoice balance"); somebody else is the recipient; or Checkout collected what the
 * customer does not say, for an invoice has no name of its own. Attached, it stays with the customer, as the payment does.
 */
export function billToOf(payment: Payment, { settlement, recipient }: Billing): BillTo {
  const { customer, intent } = payment;
  if (!customer) return 'guest';
  const creditOfCurrency = customer.invoice_credit_balance?.[intent.currency] ?? 0;
  if (customer.balance !== 0 || creditOfCurrency !== 0 || recipient) return 'stand_in';
  return settlement === 'out_of_band' && collectedBy(payment) ? 'stand_in' : 'buyer';
}

/** What Checkout collected and the buyer's own customer does not say. Each part is there only if it is new. */
export interface Collected {
  readonly name?: string;
  readonly address?: Stripe.Address;
  readonly taxIds: readonly TaxIdParam[];
}

export type TaxIdParam = Stripe.CustomerCreateParams.TaxIdDatum;

/** @returns undefined when it is nothing */
export function collectedBy({ customer, session }: Payment): Collected | undefined {
  const details = session?.customer_details;
  if (!customer || !details) return undefined;
  const known = customer.business_name || customer.name || customer.individual_name;
  const business = customer.business_name ? undefined : details.business_name;
  const named = business || (known ? undefined : details.name || details.individual_name);
  const name = named && named !== known ? named : undefined;
  const address = isPostal(customer.address) || !isPostal(details.address) ? undefined : details.address;
  const taxIds = newTaxIds(details, customer.tax_ids);
  if (!name && !address && taxIds.length === 0) return undefined;
  return { ...(name ? { name } : {}), ...(address ? { address } : {}), taxIds };
}

/** A country and a postal code, which Checkout asks of every card, are no address to write on an invoice. */
function isPostal(address: Stripe.Address | null | undefined): address is Stripe.Address {
  return Boolean(address?.line1 || address?.city);
}

/** Those that Stripe knows a type of, without those of the customer. Of a customer with more than Stripe tells at once, none is new. */
function newTaxIds(
  { tax_ids: typed }: Stripe.Checkout.Session.CustomerDetails,
  known: Stripe.ApiList<Stripe.TaxId> | undefined,
): TaxIdParam[] {
  if (known?.has_more) return [];
  return taxIdsOf(typed).filter(({ value }) => !known?.data.some((taxId) => taxId.value === value));
}

export function taxIdsOf(
  taxIds: readonly { readonly type: Stripe.TaxId['type']; readonly value: string | null }[] | null | undefined,
): TaxIdParam[] {
  return taxIds?.flatMap(({ type, value }) => (!value || type === 'unknown' ? [] : [{ type, value }])) ?? [];
}

/** What the customer's own invoice says besides, in fields of its own: it has no other place for it. An address finds none. */
export function collectedFields(collected: Collected | undefined): Stripe.InvoiceCreateParams.CustomField[] {
  if (!collected) return [];
  const { name, taxIds } = collected;
  return [...(name ? [{ name: 'Name', value: name }] : []), ...taxIds.map(({ value }) => ({ name: 'Tax ID', value }))];
}
