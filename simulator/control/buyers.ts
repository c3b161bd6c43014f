import { confirmSession } from '../checkout/completion.ts';
import { choices, isChoice } from '../checkout/page.ts';
import { successUrl } from '../checkout/pages.ts';
import { methodFor } from '../checkout/test-methods.ts';
import { type ControlRoute, control } from '../core/control.ts';
import { invalidParam } from '../core/errors.ts';
import { oneOf, required, string } from '../core/params.ts';
import { address, email } from '../core/shared-params.ts';
import { settleDebit } from '../payments/attempt.ts';
import { behaviourOf } from '../payments/payment-method.ts';

/** What buyers and their banks do, for scripts that do not want to click. */
export const buyerRoutes: readonly ControlRoute[] = [
  control(
    'POST',
    '/_sim/checkout/pay',
    {
      session: required(string()),
      choice: string(),
      email: email(),
      name: string(),
      phone: string(),
      address: address(),
    },
    ({ world }, { session: id, choice = 'card', ...buyer }) => {
      if (!isChoice(choice)) {
        throw invalidParam(`Invalid choice: must be one of ${Object.keys(choices).join(', ')}`, 'choice');
      }
      const [context, session] = world.locate('checkout.session', id, ({ store }) => store['checkout.session'].get(id));
      const who = { email: buyer.email ?? 'buyer@example.com', name: buyer.name ?? 'Test Buyer' };
      const full = { ...who, phone: buyer.phone ?? null, address: buyer.address ?? null };
      const outcome = confirmSession(context, session, methodFor(context, session, choice, full), full);
      return {
        outcome: outcome.kind,
        message: outcome.kind === 'declined' ? outcome.failure.message : null,
        status: session.status,
        payment_status: session.payment_status,
        payment_intent: session.payment_intent,
        subscription: session.subscription,
        customer: session.customer,
        success_url: successUrl(session),
      };
    },
  ),
  control(
    'POST',
    '/_sim/payments/settle',
    { payment_intent: string(), outcome: oneOf('paid', 'failed') },
    ({ world, account: named }, { payment_intent: id, outcome }) => {
      const settled: string[] = [];
      for (const account of id === undefined ? [named] : world.accounts) {
        const { store } = account;
        const waiting = store.payment_intent.oldestFirst(
          (intent) => intent.status === 'processing' && (id === undefined || intent.id === id),
        );
        for (const intent of waiting) {
          const method = store.payment_method.get(intent.payment_method ?? '');
          const behaviour = method === undefined ? undefined : behaviourOf(method);
          const natural = behaviour?.kind === 'settles' && behaviour.succeeds;
          settleDebit(world.context(account), intent, outcome === undefined ? natural : outcome === 'paid');
          settled.push(intent.id);
        }
      }
      return { settled };
    },
  ),
];
