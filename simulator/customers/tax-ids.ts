import type { Context } from '../core/context.ts';
import { invalidParam, noSuch } from '../core/errors.ts';
import { paginate } from '../core/lists.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { type Params, required, string } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { listParams } from '../core/shared-params.ts';
import { taxIdType } from './tax-id-types.ts';

type Customer = ObjectTypes['customer'];
type TaxId = ObjectTypes['tax_id'];

export const taxIdParams = { type: required(taxIdType()), value: required(string({ max: 60 })) } as const;

export function addTaxId(context: Context, customer: Customer, sent: Params<typeof taxIdParams>): TaxId {
  if (sent.type === 'eu_vat' && !/^[A-Z]{2}[0-9A-Za-z+*.]{2,12}$/.test(sent.value)) {
    throw invalidParam('Invalid value for eu_vat.', 'value', 'tax_id_invalid');
  }
  const taxId: TaxId = {
    id: context.id('txi_'),
    object: 'tax_id',
    country: (sent.type === 'eu_vat' ? sent.value : sent.type).slice(0, 2).toUpperCase(),
    created: context.now(),
    customer: customer.id,
    customer_account: null,
    livemode: context.livemode,
    owner: { type: 'customer', customer: customer.id, customer_account: null },
    type: sent.type,
    value: sent.value,
    verification: {
      status: sent.type === 'eu_vat' ? 'pending' : 'unavailable',
      verified_address: null,
      verified_name: null,
    },
  };
  context.store.tax_id.add(taxId);
  context.emit('customer.tax_id.created', taxId);
  return taxId;
}

export const taxIdsOf = (context: Context, customerId: string): TaxId[] => [
  ...context.store.tax_id.newestFirst(({ customer }) => customer === customerId),
];

function need(context: Context, customerId: string, id: string): TaxId {
  const taxId = context.store.tax_id.need(id);
  if (taxId.customer !== customerId) throw noSuch('tax_id', id);
  return taxId;
}

/** https://docs.stripe.com/api/tax_ids */
export const taxIds: Resource = {
  expansions: { tax_id: { customer: 'id', 'owner.customer': 'id' } },
  routes: [
    route('POST', '/v1/customers/{id}/tax_ids', taxIdParams, (context, params, { id }) =>
      addTaxId(context, context.store.customer.need(id), params),
    ),
    route('GET', '/v1/customers/{id}/tax_ids', listParams, (context, params, { id }) => {
      context.store.customer.need(id);
      return paginate(taxIdsOf(context, id), params, `/v1/customers/${id}/tax_ids`);
    }),
    route('GET', '/v1/customers/{customerId}/tax_ids/{id}', {}, (context, _params, { customerId, id }) =>
      need(context, customerId, id),
    ),
    route('DELETE', '/v1/customers/{customerId}/tax_ids/{id}', {}, (context, _params, { customerId, id }) => {
      const taxId = need(context, customerId, id);
      const stub = context.store.tax_id.delete(id);
      context.emit('customer.tax_id.deleted', taxId);
      return stub;
    }),
  ],
};
