import type { Context } from '../core/context.ts';
import { refused, StripeError } from '../core/errors.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { int, required, string } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { takePaymentMethod } from '../payments/payment-method.ts';
import { confirmSession } from './completion.ts';

type Session = ObjectTypes['checkout.session'];

/** The page behind a session, as far as the Stripe CLI looks at it when it plays the buyer. Not a documented resource. */
function pageOf(context: Context, session: Session): object {
  return {
    id: `ppage_${session.id.slice(-24)}`,
    object: 'checkout.session',
    session_id: session.id,
    currency: session.currency,
    customer: session.customer,
    livemode: session.livemode,
    mode: session.mode,
    payment_intent: session.payment_intent === null ? null : context.store.payment_intent.need(session.payment_intent),
    payment_status: session.payment_status,
    status: session.status,
    state: session.status === 'open' ? 'active' : 'succeeded',
    success_url: session.success_url,
    line_item_group: {
      currency: session.currency,
      due: session.amount_total,
      subtotal: session.amount_subtotal,
      total: session.amount_total,
    },
  };
}

export const paymentPages: Resource = {
  expansions: {},
  routes: [
    route('GET', '/v1/payment_pages/{id}', {}, (context, _params, { id }) =>
      pageOf(context, context.store['checkout.session'].need(id)),
    ),
    route(
      'POST',
      '/v1/payment_pages/{id}/confirm',
      { payment_method: required(string()), expected_amount: int() },
      (context, params, { id }) => {
        const session = context.store['checkout.session'].need(id);
        if (params.expected_amount !== undefined && params.expected_amount !== session.amount_total) {
          throw refused('The amount has changed since the page was loaded.', { param: 'expected_amount' });
        }
        const method = takePaymentMethod(context, params.payment_method, 'payment_method');
        const { email, name, phone, address } = method.billing_details;
        const outcome = confirmSession(context, session, method, { email, name, phone, address });
        if (outcome.kind === 'declined') {
          const { code, declineCode, message } = outcome.failure;
          throw new StripeError(402, 'card_error', message, {
            code,
            ...(declineCode === undefined ? {} : { decline_code: declineCode }),
          });
        }
        return pageOf(context, session);
      },
    ),
  ],
};
