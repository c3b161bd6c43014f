import type { Context } from '../core/context.ts';
import { refused } from '../core/errors.ts';
import { layout } from '../core/html.ts';
import { paginate } from '../core/lists.ts';
import { field, type PageRoute, page } from '../core/pages.ts';
import { array, bool, object, oneOf, required, string, unsimulated } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { createdParam, inRange, listParams, mergeMetadata, metadata, url } from '../core/shared-params.ts';
import { methodType } from './method-types.ts';
import { takePaymentMethod } from './payment-method.ts';
import { cancelSetup, confirmSetup, createSetupIntent, failSetup, type SetupIntent } from './setup-intent.ts';

const shared = {
  allowed_payment_method_types: array(methodType()),
  attach_to_self: unsimulated(),
  customer_account: unsimulated(),
  description: string(),
  excluded_payment_method_types: unsimulated(),
  flow_directions: unsimulated(),
  mandate_data: unsimulated(),
  metadata: metadata(),
  on_behalf_of: unsimulated(),
  payment_method: string(),
  payment_method_configuration: unsimulated(),
  payment_method_data: unsimulated(),
  payment_method_options: unsimulated(),
  return_url: url(),
  use_stripe_sdk: unsimulated(),
} as const;

const need = (context: Context, id: string): SetupIntent => context.store.setup_intent.need(id);

/** https://docs.stripe.com/api/setup_intents, as far as cards are saved by it. */
export const setupIntents: Resource = {
  expansions: { setup_intent: { customer: 'id', payment_method: 'id' } },
  pages: setupPages(),
  routes: [
    route(
      'POST',
      '/v1/setup_intents',
      {
        ...shared,
        automatic_payment_methods: object({
          enabled: required(bool()),
          allow_redirects: oneOf('always', 'never'),
        }),
        confirm: bool(),
        confirmation_token: unsimulated(),
        customer: string(),
        payment_method_types: array(methodType()),
        single_use: unsimulated(),
        usage: oneOf('off_session', 'on_session'),
      },
      (context, params) => {
        if (params.customer !== undefined) context.store.customer.need(params.customer, 'customer');
        const named = params.payment_method;
        const method = named === undefined ? undefined : takePaymentMethod(context, named, 'payment_method');
        if (params.confirm === true && method === undefined) {
          throw refused('You cannot confirm a SetupIntent without a payment method.', { param: 'payment_method' });
        }
        const intent = createSetupIntent(context, {
          customer: params.customer ?? null,
          description: params.description ?? null,
          metadata: mergeMetadata({}, params.metadata),
          payment_method: method?.id ?? null,
          status: method === undefined ? 'requires_payment_method' : 'requires_confirmation',
          usage: params.usage ?? 'off_session',
        });
        if (params.confirm !== true || method === undefined) return intent;
        return confirmSetup(context, intent, method, { returnUrl: params.return_url ?? null });
      },
      { legacy: ['payment_method_types'] },
    ),
    route('GET', '/v1/setup_intents/{id}', { client_secret: string() }, (context, _params, { id }) =>
      need(context, id),
    ),
    route(
      'POST',
      '/v1/setup_intents/{id}/confirm',
      {
        allowed_payment_method_types: unsimulated(),
        confirmation_token: unsimulated(),
        mandate_data: unsimulated(),
        payment_method: string(),
        payment_method_data: unsimulated(),
        payment_method_options: unsimulated(),
        return_url: url(),
        use_stripe_sdk: unsimulated(),
      },
      (context, params, { id }) => {
        const intent = need(context, id);
        const named = params.payment_method ?? intent.payment_method;
        if (named === null) throw refused('You must provide a payment method.', { param: 'payment_method' });
        const method = takePaymentMethod(context, named, 'payment_method');
        return confirmSetup(context, intent, method, { returnUrl: params.return_url ?? null });
      },
    ),
    route(
      'POST',
      '/v1/setup_intents/{id}/cancel',
      { cancellation_reason: oneOf('abandoned', 'duplicate', 'requested_by_customer') },
      (context, params, { id }) => cancelSetup(context, need(context, id), params.cancellation_reason ?? null),
    ),
    route(
      'GET',
      '/v1/setup_intents',
      {
        ...listParams,
        ...createdParam,
        attach_to_self: unsimulated(),
        customer: string(),
        customer_account: unsimulated(),
        payment_method: string(),
      },
      (context, { customer, payment_method: method, created, ...paging }) => {
        const found = context.store.setup_intent.newestFirst(
          (intent) =>
            (customer === undefined || intent.customer === customer) &&
            (method === undefined || intent.payment_method === method) &&
            (created === undefined || inRange(intent.created, created)),
        );
        return paginate(found, paging, '/v1/setup_intents');
      },
    ),
  ],
};

/** The bank's page, where a card that is to be saved asks for its owner. */
function setupPages(): PageRoute[] {
  const body = `<section class="card"><h1>Your bank asks: is this you?</h1>
<p>A card waits to be saved (3-D Secure test page).</p>
<form method="post"><button class="main" name="answer" value="approve">Approve</button>
<button name="answer" value="fail">Fail the authentication</button></form></section>`;
  return [
    page('GET', '/c/setup/{id}', () => ({ status: 200, html: layout('3-D Secure', body) })),
    page('POST', '/c/setup/{id}', (world, form, { id }) => {
      const [context, intent] = world.locate('setup_intent', id, ({ store }) => store.setup_intent.get(id));
      const method = context.store.payment_method.need(intent.payment_method ?? '');
      const back = intent.next_action?.redirect_to_url?.return_url ?? world.baseUrl;
      if (field(form, 'answer') === 'approve') confirmSetup(context, intent, method, { authenticated: true });
      else {
        const message =
          'We are unable to authenticate your payment method. Please choose a different one and try again.';
        failSetup(context, intent, method, { message, details: { code: 'setup_intent_authentication_failure' } });
      }
      return { redirect: back };
    }),
  ];
}
