import type { Context } from '../core/context.ts';
import { paginate, sublist } from '../core/lists.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { object, oneOf, required, string, unsimulated } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { createdParam, inRange, listParams, mergeMetadata, metadata } from '../core/shared-params.ts';
import { checkoutPages } from './pages.ts';
import { type Plan, placeOf, planOf } from './plan.ts';
import { sessionReactions } from './reactions.ts';
import { createSession, expireSession } from './session.ts';
import { sessionParams } from './session-params.ts';
import { shopPages } from './shop.ts';

type Session = ObjectTypes['checkout.session'];
type Tax = NonNullable<ObjectTypes['item']['taxes']>[number];
type ItemDiscount = NonNullable<ObjectTypes['item']['discounts']>[number];
type Breakdown = NonNullable<NonNullable<Session['total_details']>['breakdown']>;

const need = (context: Context, id: string): Session => context.store['checkout.session'].need(id);

const itemsOf = (session: Session): ObjectTypes['item'][] => planOf(session).lines.map(({ item }) => item);

function taxesOf({ amounts }: Plan['lines'][number]): Tax[] {
  return amounts.taxes.map(({ rate, amount, taxable }) => ({
    amount,
    rate,
    taxability_reason: null,
    taxable_amount: taxable,
  }));
}

function discountsOf(plan: Plan, { amounts }: Plan['lines'][number]): ItemDiscount[] {
  return plan.discount === undefined ? [] : [{ amount: amounts.discount, discount: plan.discount }];
}

/** Taxes and discounts of the whole session, one entry per rate. */
function breakdownOf(session: Session): Breakdown {
  const plan = planOf(session);
  const taxes = new Map<string, Tax>();
  for (const tax of plan.lines.flatMap(taxesOf)) {
    const sum = taxes.get(tax.rate.id);
    taxes.set(
      tax.rate.id,
      sum === undefined
        ? tax
        : {
            ...sum,
            amount: sum.amount + tax.amount,
            taxable_amount: (sum.taxable_amount ?? 0) + (tax.taxable_amount ?? 0),
          },
    );
  }
  const { discount } = plan;
  const amount = session.total_details?.amount_discount ?? 0;
  return { discounts: discount === undefined ? [] : [{ amount, discount }], taxes: [...taxes.values()] };
}

/** https://docs.stripe.com/api/checkout/sessions */
export const checkoutSessions: Resource = {
  expansions: {
    'checkout.session': {
      customer: 'id',
      payment_intent: 'id',
      invoice: 'id',
      setup_intent: 'id',
      subscription: 'id',
      'discounts.coupon': 'id',
      'shipping_cost.shipping_rate': 'id',
      // Rates at a fixed amount carry no tax of their own here.
      'shipping_cost.taxes': () => [],
      'shipping_options.shipping_rate': 'id',
      line_items: (context, id) => sublist(itemsOf(need(context, id)), `/v1/checkout/sessions/${id}/line_items`),
      'total_details.breakdown': (context, id) => breakdownOf(need(context, id)),
    },
    item: {
      taxes: (context, id) => taxesOf(placeOf(context.store.item.need(id)).line),
      discounts: (context, id) => {
        const { plan, line } = placeOf(context.store.item.need(id));
        return discountsOf(plan, line);
      },
    },
  },
  reactions: sessionReactions,
  pages: [...shopPages, ...checkoutPages],
  routes: [
    route('POST', '/v1/checkout/sessions', sessionParams, createSession, { legacy: ['payment_method_types'] }),
    route('GET', '/v1/checkout/sessions/{id}', {}, (context, _params, { id }) => need(context, id)),
    route(
      'GET',
      '/v1/checkout/sessions',
      {
        ...listParams,
        ...createdParam,
        customer: string(),
        customer_account: unsimulated(),
        customer_details: object({ email: required(string()) }),
        payment_intent: string(),
        payment_link: unsimulated(),
        status: oneOf('open', 'complete', 'expired'),
        subscription: string(),
      },
      (context, params) => {
        const { customer, payment_intent: intent, status, subscription, created } = params;
        const email = params.customer_details?.email;
        const found = context.store['checkout.session'].newestFirst(
          (session) =>
            (customer === undefined || session.customer === customer) &&
            (intent === undefined || session.payment_intent === intent) &&
            (status === undefined || session.status === status) &&
            (subscription === undefined || session.subscription === subscription) &&
            (email === undefined || session.customer_details?.email === email) &&
            (created === undefined || inRange(session.created, created)),
        );
        return paginate(found, params, '/v1/checkout/sessions');
      },
    ),
    route(
      'POST',
      '/v1/checkout/sessions/{id}',
      {
        metadata: metadata(),
        collected_information: unsimulated(),
        line_items: unsimulated(),
        payment_intent_data: unsimulated(),
        shipping_options: unsimulated(),
      },
      (context, params, { id }) => {
        const session = need(context, id);
        session.metadata = mergeMetadata(session.metadata, params.metadata);
        return session;
      },
    ),
    route('POST', '/v1/checkout/sessions/{id}/expire', {}, (context, _params, { id }) =>
      expireSession(context, need(context, id)),
    ),
    route('GET', '/v1/checkout/sessions/{id}/line_items', listParams, (context, params, { id }) =>
      paginate(itemsOf(need(context, id)), params, `/v1/checkout/sessions/${id}/line_items`),
    ),
  ],
};
