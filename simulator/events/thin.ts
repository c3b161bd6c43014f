import type { EventObject } from '../core/objects.ts';

/** A notification of the second generation: it names an object and carries no data. */
export interface ThinEvent {
  id: string;
  object: 'v2.core.event';
  type: string;
  created: string;
  livemode: boolean;
  reason: object | null;
  related_object: { id: string; type: string; url: string } | null;
}

/** Where an object of a kind can be fetched. */
const places: Readonly<Record<string, string>> = {
  charge: '/v1/charges',
  'checkout.session': '/v1/checkout/sessions',
  coupon: '/v1/coupons',
  credit_note: '/v1/credit_notes',
  customer: '/v1/customers',
  dispute: '/v1/disputes',
  invoice: '/v1/invoices',
  invoice_payment: '/v1/invoice_payments',
  invoiceitem: '/v1/invoiceitems',
  payment_intent: '/v1/payment_intents',
  payment_method: '/v1/payment_methods',
  price: '/v1/prices',
  product: '/v1/products',
  refund: '/v1/refunds',
  subscription: '/v1/subscriptions',
  tax_rate: '/v1/tax_rates',
};

const PREFIX = 'evt_v2';

/** The twin of a snapshot event: type `v1.…`, an id of its own, made from the other's so that it can be found again. */
export function thinTwin(event: EventObject): ThinEvent {
  return {
    id: `${PREFIX}${event.id.slice('evt_'.length)}`,
    object: 'v2.core.event',
    type: `v1.${event.type}`,
    created: new Date(event.created * 1000).toISOString(),
    livemode: event.livemode,
    reason: event.request === null || event.request.id === null ? null : { type: 'request', request: event.request },
    related_object: relatedObject(event.data.object),
  };
}

/** The id of the snapshot event behind a thin one's id. */
export const snapshotId = (thinId: string): string =>
  thinId.startsWith(PREFIX) ? `evt_${thinId.slice(PREFIX.length)}` : thinId;

function relatedObject(object: object): ThinEvent['related_object'] {
  if (!('id' in object && 'object' in object)) return null;
  const { id, object: type } = object;
  if (typeof id !== 'string' || typeof type !== 'string') return null;
  const place = places[type];
  return place === undefined ? null : { id, type, url: `${place}/${id}` };
}
