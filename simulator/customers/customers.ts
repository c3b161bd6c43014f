import type { Context } from '../core/context.ts';
import { paginate, sublist } from '../core/lists.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { array, clearable, int, object, oneOf, required, string, text, unsimulated } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { address, createdParam, email, inRange, listParams, mergeMetadata, metadata } from '../core/shared-params.ts';
import { attach, takePaymentMethod } from '../payments/payment-method.ts';
import { setBalance } from './balance.ts';
import { newCustomer } from './customer.ts';
import { addTaxId, taxIdParams, taxIdsOf } from './tax-ids.ts';

const customField = object({ name: required(string({ max: 40 })), value: required(string({ max: 140 })) });

const invoiceSettings = object({
  custom_fields: clearable(array(customField, { max: 4 })),
  default_payment_method: text(),
  footer: text(),
  rendering_options: clearable(
    object({ amount_tax_display: clearable(oneOf('exclude_tax', 'include_inclusive_tax')), template: unsimulated() }),
  ),
});

const shipping = object({ address: required(address()), name: required(string()), phone: text() });

const shared = {
  address: address(),
  balance: int(),
  business_name: text({ max: 150 }),
  cash_balance: unsimulated(),
  description: text(),
  email: email(),
  individual_name: text({ max: 150 }),
  invoice_prefix: string({ max: 12 }),
  invoice_settings: invoiceSettings,
  metadata: metadata(),
  name: text({ max: 256 }),
  next_invoice_sequence: int({ min: 1 }),
  phone: text({ max: 20 }),
  preferred_locales: array(string()),
  shipping: clearable(shipping),
  source: unsimulated(),
  tax: unsimulated(),
  tax_exempt: clearable(oneOf('exempt', 'none', 'reverse')),
  validate: unsimulated(),
} as const;

type Customer = ObjectTypes['customer'];
type SharedFields = {
  [K in keyof typeof shared]: (typeof shared)[K] extends { read(...args: never[]): infer T } ? T | undefined : never;
};

/** Copies what was sent onto the customer; `null` unsets. The balance and metadata have rules of their own. */
function apply(customer: Customer, sent: SharedFields): void {
  const { address: sentAddress, description, email: sentEmail, name, phone, shipping: sentShipping } = sent;
  if (sentAddress !== undefined) customer.address = sentAddress;
  if (description !== undefined) customer.description = description;
  if (sentEmail !== undefined) customer.email = sentEmail;
  if (name !== undefined) customer.name = name;
  if (phone !== undefined) customer.phone = phone;
  if (sent.business_name != null) customer.business_name = sent.business_name;
  if (sent.individual_name != null) customer.individual_name = sent.individual_name;
  if (sent.invoice_prefix !== undefined) customer.invoice_prefix = sent.invoice_prefix;
  if (sent.next_invoice_sequence !== undefined) customer.next_invoice_sequence = sent.next_invoice_sequence;
  if (sent.preferred_locales !== undefined) customer.preferred_locales = sent.preferred_locales;
  if (sent.tax_exempt !== undefined) customer.tax_exempt = sent.tax_exempt ?? 'none';
  if (sentShipping !== undefined) customer.shipping = shippingOf(sentShipping);
  customer.metadata = mergeMetadata(customer.metadata, sent.metadata);
  applyInvoiceSettings(customer, sent.invoice_settings);
}

function shippingOf(sent: SharedFields['shipping']): Customer['shipping'] {
  if (sent == null) return null;
  return { ...(sent.address === null ? {} : { address: sent.address }), name: sent.name, phone: sent.phone ?? null };
}

function applyInvoiceSettings({ invoice_settings: settings }: Customer, sent: SharedFields['invoice_settings']): void {
  if (sent === undefined) return;
  if (sent.custom_fields !== undefined) settings.custom_fields = sent.custom_fields;
  if (sent.footer !== undefined) settings.footer = sent.footer;
  if (sent.default_payment_method !== undefined) settings.default_payment_method = sent.default_payment_method;
  const rendering = sent.rendering_options;
  if (rendering === null) settings.rendering_options = null;
  else if (rendering !== undefined) {
    settings.rendering_options = { amount_tax_display: rendering.amount_tax_display ?? null, template: null };
  }
}

/** The subscriptions that a customer shows: those that have not ended. */
function liveOnes(context: Context, id: string): ObjectTypes['subscription'][] {
  const found = context.store.subscription.newestFirst(
    ({ customer, status }) => customer === id && status !== 'canceled' && status !== 'incomplete_expired',
  );
  return [...found];
}

/** https://docs.stripe.com/api/customers */
export const customers: Resource = {
  expansions: {
    customer: {
      default_source: 'id',
      'invoice_settings.default_payment_method': 'id',
      test_clock: 'id',
      tax_ids: (context, id) => sublist(taxIdsOf(context, id), `/v1/customers/${id}/tax_ids`),
      subscriptions: (context, id) => sublist(liveOnes(context, id), `/v1/customers/${id}/subscriptions`),
      invoice_credit_balance: (context, id) => {
        const { balance, currency } = context.store.customer.need(id);
        return currency == null || balance === 0 ? {} : { [currency]: balance };
      },
    },
  },
  routes: [
    route(
      'POST',
      '/v1/customers',
      {
        ...shared,
        payment_method: string(),
        tax_id_data: array(object(taxIdParams), { max: 5 }),
        test_clock: string(),
      },
      (account, params) => {
        const clock = params.test_clock;
        if (clock !== undefined) account.store['test_helpers.test_clock'].need(clock, 'test_clock');
        const context = account.onTestClock(clock ?? null);
        const customer = newCustomer(context);
        customer.test_clock = clock ?? null;
        apply(customer, params);
        if (params.payment_method !== undefined) {
          const named = params.payment_method;
          const method = takePaymentMethod(context, named, 'payment_method');
          attach(context, method, customer.id);
          // The same test name twice in one request means the same payment method.
          const { invoice_settings: settings } = customer;
          if (settings.default_payment_method === named) settings.default_payment_method = method.id;
        }
        context.store.customer.add(customer);
        for (const taxId of params.tax_id_data ?? []) addTaxId(context, customer, taxId);
        context.emit('customer.created', customer);
        if (params.balance !== undefined && params.balance !== 0) setBalance(context, customer, params.balance);
        return customer;
      },
    ),
    route('POST', '/v1/customers/{id}', { ...shared, default_source: unsimulated() }, (context, params, { id }) => {
      const customer = context.store.customer.need(id);
      context.change(customer, 'customer.updated', () => apply(customer, params));
      if (params.balance !== undefined && params.balance !== customer.balance) {
        setBalance(context, customer, params.balance);
      }
      return customer;
    }),
    route('GET', '/v1/customers/{id}', {}, (context, _params, { id }) => {
      const { customer } = context.store;
      return customer.wasDeleted(id) ? { id, object: 'customer', deleted: true } : customer.need(id);
    }),
    route(
      'GET',
      '/v1/customers',
      { ...listParams, ...createdParam, email: string(), test_clock: string() },
      (context, params) => {
        const found = context.store.customer.newestFirst(
          (customer) =>
            // Those in a time of their own are shown only to whoever asks for it.
            (customer.test_clock ?? undefined) === params.test_clock &&
            (params.email === undefined || customer.email === params.email) &&
            (params.created === undefined || inRange(customer.created, params.created)),
        );
        return paginate(found, params, '/v1/customers');
      },
    ),
    route('DELETE', '/v1/customers/{id}', {}, (context, _params, { id }) => {
      const customer = context.store.customer.need(id);
      const stub = context.store.customer.delete(id);
      context.emit('customer.deleted', customer);
      return stub;
    }),
  ],
};
