import type { Context } from '../core/context.ts';
import { missingParam, notSimulated, refused } from '../core/errors.ts';
import { token } from '../core/ids.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { object, oneOf, type Params, required, string, unsimulated } from '../core/params.ts';
import { type Resource, refusedRoute, route } from '../core/routes.ts';
import { url } from '../core/shared-params.ts';
import { portalPages } from './pages.ts';

type PortalSession = ObjectTypes['billing_portal.session'];

const flowData = object({
  after_completion: object({
    hosted_confirmation: unsimulated(),
    redirect: object({ return_url: required(url()) }),
    type: required(oneOf('hosted_confirmation', 'portal_homepage', 'redirect')),
  }),
  subscription_cancel: object({ retention: unsimulated(), subscription: required(string()) }),
  subscription_pause: unsimulated(),
  subscription_update: unsimulated(),
  subscription_update_confirm: unsimulated(),
  type: required(
    oneOf(
      'customer_update',
      'payment_method_update',
      'subscription_cancel',
      'subscription_pause',
      'subscription_update',
      'subscription_update_confirm',
    ),
  ),
});

type SentFlow = Params<{ flow: typeof flowData }>['flow'];

/** The account's only configuration: the Dashboard's default. */
const CONFIGURATION = 'bpc_simulated_default';

function flowOf(context: Context, customer: string, sent: SentFlow): PortalSession['flow'] {
  if (sent === undefined) return null;
  const { type, subscription_cancel: cancel, after_completion: after } = sent;
  if (type !== 'payment_method_update' && type !== 'subscription_cancel') throw notSimulated('flow_data[type]');
  if (type === 'subscription_cancel') {
    if (cancel === undefined) throw missingParam('flow_data[subscription_cancel]');
    const param = 'flow_data[subscription_cancel][subscription]';
    const subscription = context.store.subscription.need(cancel.subscription, param);
    if (subscription.customer !== customer) throw refused('The subscription belongs to another customer.', { param });
  }
  return {
    after_completion: {
      hosted_confirmation: null,
      redirect: after?.redirect === undefined ? null : { return_url: after.redirect.return_url },
      type: after?.type ?? 'portal_homepage',
    },
    customer_update: null,
    subscription_cancel: cancel === undefined ? null : { retention: null, subscription: cancel.subscription },
    subscription_pause: null,
    subscription_update: null,
    subscription_update_confirm: null,
    type,
  };
}

/** https://docs.stripe.com/api/customer_portal/sessions: a link to a page on which a customer looks after what they pay. */
export const portalSessions: Resource = {
  expansions: {},
  pages: portalPages,
  routes: [
    route(
      'POST',
      '/v1/billing_portal/sessions',
      {
        after_expiration: unsimulated(),
        configuration: unsimulated(),
        customer: string(),
        customer_account: unsimulated(),
        flow_data: flowData,
        locale: unsimulated(),
        on_behalf_of: unsimulated(),
        return_url: url(),
      },
      (context, params) => {
        if (params.customer === undefined) throw missingParam('customer');
        const customer = context.store.customer.need(params.customer, 'customer');
        const session: PortalSession = {
          id: context.id('bps_'),
          object: 'billing_portal.session',
          configuration: CONFIGURATION,
          created: context.now(),
          customer: customer.id,
          customer_account: null,
          flow: flowOf(context, customer.id, params.flow_data),
          livemode: context.livemode,
          locale: null,
          on_behalf_of: null,
          return_url: params.return_url ?? null,
          url: `${context.home.baseUrl}/p/session/${token(48)}`,
        };
        context.store['billing_portal.session'].add(session);
        context.emit('billing_portal.session.created', session);
        return session;
      },
    ),
    refusedRoute('GET', '/v1/billing_portal/configurations'),
    refusedRoute('POST', '/v1/billing_portal/configurations'),
    refusedRoute('GET', '/v1/billing_portal/configurations/{id}'),
    refusedRoute('POST', '/v1/billing_portal/configurations/{id}'),
  ],
};
