import type Stripe from 'stripe';
import type { Payment } from '../../stripe/payment.ts';
import type { Recipient } from '../payments/document.ts';
import { collectedBy, type TaxIdParam, taxIdsOf } from './buyer.ts';
import { documentText } from './document-text.ts';

type CreateParams = Stripe.CustomerCreateParams;

/** More than these Stripe does not take with a new customer. */
const MOST_TAX_IDS = 5;

/**
 * What a customer made for this one payment says, pure: the recipient that was agreed on; else the buyer as his customer,
 * Checkout or the charge describe him.
 */
export function customerParams(
  payment: Payment,
  mark: Stripe.MetadataParam,
  recipient?: Recipient | undefined,
): CreateParams {
  const { customer } = payment;
  return {
    ...(recipient ? agreed(recipient) : described(payment)),
    ...(customer?.preferred_locales?.length ? { preferred_locales: customer.preferred_locales } : {}),
    ...settingsOf(customer),
    metadata: { ...mark, ...(customer ? { stands_in_for: customer.id } : {}) },
  };
}

function agreed({ name, email, address }: Recipient): CreateParams {
  const [line1, ...others] = (address ?? '').split('\n').flatMap((line) => documentText(line, 'addressPart') ?? []);
  const line2 = others.join(', ');
  const shown = documentText(name, 'name');
  return {
    ...(shown ? { name: shown } : {}),
    ...(email ? { email } : {}),
    ...(line1 ? { address: { line1, ...(line2 ? { line2 } : {}) } } : {}),
  };
}

function described(payment: Payment): CreateParams {
  const { customer, session, charge } = payment;
  const details = session?.customer_details;
  const card = charge?.billing_details;
  const collected = collectedBy(payment);
  const business = customer?.business_name || details?.business_name;
  const individual = customer?.individual_name || details?.individual_name;
  const own = collected?.name || customer?.name;
  const name = documentText(own || business || details?.name || individual || card?.name, 'name');
  const businessName = documentText(business, 'businessName');
  const individualName = documentText(individual, 'businessName');
  const email = customer?.email ?? details?.email ?? card?.email ?? payment.intent.receipt_email;
  const address = addressOf(collected?.address ?? customer?.address ?? details?.address ?? card?.address);
  const taxIds = unique([...taxIdsOf(customer?.tax_ids?.data), ...taxIdsOf(details?.tax_ids)]);
  const exempt = [customer?.tax_exempt, details?.tax_exempt].find((status) => status && status !== 'none');
  return {
    ...(name ? { name } : {}),
    ...(businessName ? { business_name: businessName } : {}),
    ...(individualName ? { individual_name: individualName } : {}),
    ...(email ? { email } : {}),
    ...(address ? { address } : {}),
    ...(taxIds.length > 0 ? { tax_id_data: taxIds.slice(0, MOST_TAX_IDS) } : {}),
    ...(exempt ? { tax_exempt: exempt } : {}),
  };
}

/** What the buyer's invoices carry by default, they carry in his stand-in's name too. */
function settingsOf(customer: Stripe.Customer | null): CreateParams {
  if (!customer) return {};
  const { custom_fields: fields, footer, rendering_options: rendering } = customer.invoice_settings;
  const display = rendering?.amount_tax_display;
  const settings: Stripe.CustomerCreateParams.InvoiceSettings = {
    ...(fields?.length ? { custom_fields: fields.map(({ name, value }) => ({ name, value })) } : {}),
    ...(footer ? { footer } : {}),
    ...(display === 'exclude_tax' || display === 'include_inclusive_tax'
      ? { rendering_options: { amount_tax_display: display } }
      : {}),
  };
  return Object.keys(settings).length > 0 ? { invoice_settings: settings } : {};
}

function unique(taxIds: readonly TaxIdParam[]): TaxIdParam[] {
  return taxIds.filter(({ value }, position) => taxIds.findIndex((other) => other.value === value) === position);
}

function addressOf(address: Stripe.Address | null | undefined): Stripe.AddressParam | undefined {
  if (!address) return undefined;
  const { line1, line2, city, postal_code, state, country } = address;
  const parts = Object.entries({ line1, line2, city, postal_code, state, country }).flatMap(([part, said]) => {
    const text = documentText(said, 'addressPart');
    return text ? [[part, text]] : [];
  });
  return parts.length > 0 ? Object.fromEntries(parts) : undefined;
}
