import type { Context } from '../core/context.ts';
import { noSuch, StripeError } from '../core/errors.ts';
import type { FormMap } from '../core/form.ts';
import { layout } from '../core/html.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { field, type PageAnswer, type PageRoute, page } from '../core/pages.ts';
import type { World } from '../core/world.ts';
import { hasEnded, type Subscription } from '../subscriptions/subscription.ts';
import { cancelAtEnd, keep, offerCard, useCard } from './deeds.ts';
import { expiredPage, isCard, portalPage } from './page.ts';

type PortalSession = ObjectTypes['billing_portal.session'];

/** "Portal sessions expire": best knowledge of how soon, in seconds. */
const LIVES = 3600;

function at(world: World, secret: string): [Context, PortalSession] {
  const url = `${world.baseUrl}/p/session/${secret}`;
  return world.locate('billing_portal.session', secret, ({ store }) => {
    const [session] = store['billing_portal.session'].newestFirst((one) => one.url === url);
    return session;
  });
}

const hasExpired = (context: Context, { created }: PortalSession): boolean => context.now() >= created + LIVES;

function shown(context: Context, session: PortalSession, problem?: string): PageAnswer {
  if (hasExpired(context, session)) return { status: 410, html: layout('Expired', expiredPage) };
  return { status: 200, html: layout('Your account', portalPage(context, session, problem)) };
}

/** The subscription that a form names, if it is one of this customer's: the form comes from anybody. */
function subscriptionIn(context: Context, { customer, flow }: PortalSession, form: FormMap): Subscription {
  const id = field(form, 'subscription') ?? '';
  const subscription = context.store.subscription.get(id);
  const allowed = flow?.subscription_cancel == null || flow.subscription_cancel.subscription === id;
  if (subscription === undefined || subscription.customer !== customer || hasEnded(subscription) || !allowed) {
    throw noSuch('subscription', id);
  }
  return subscription;
}

function act(world: World, form: FormMap, secret: string): PageAnswer {
  const [account, session] = at(world, secret);
  if (hasExpired(account, session)) return shown(account, session);
  const context = account.inTimeOf(session.customer);
  const customer = context.store.customer.need(session.customer);
  try {
    switch (field(form, 'deed')) {
      case 'cancel':
        cancelAtEnd(context, subscriptionIn(context, session, form));
        break;
      case 'keep':
        keep(context, subscriptionIn(context, session, form));
        break;
      case 'card': {
        const card = field(form, 'card');
        if (!isCard(card)) return shown(account, session, 'Choose a card.');
        const intent = offerCard(context, customer, card, `${session.url}/saved`);
        if (intent.status === 'requires_action') return { redirect: intent.next_action?.redirect_to_url?.url ?? '/' };
        useCard(context, customer, intent.payment_method ?? '');
        break;
      }
      default:
        return shown(account, session, 'Choose what is to be done.');
    }
  } catch (error) {
    if (!(error instanceof StripeError) || error.type !== 'card_error') throw error;
    return shown(account, session, error.message);
  }
  return { redirect: session.flow?.after_completion.redirect?.return_url ?? session.url };
}

/** Pages on which a person plays the customer who looks after their subscription. */
export const portalPages: readonly PageRoute[] = [
  page('GET', '/p/session/{secret}', (world, _form, { secret }) => shown(...at(world, secret))),
  page('POST', '/p/session/{secret}', (world, form, { secret }) => act(world, form, secret)),
  page('GET', '/p/session/{secret}/saved', (world, _form, { secret }) => {
    // Back from the bank: the card that was approved is the newest that this customer has set up.
    const [account, session] = at(world, secret);
    const context = account.inTimeOf(session.customer);
    const [intent] = context.store.setup_intent.newestFirst(({ customer }) => customer === session.customer);
    if (intent?.status !== 'succeeded') return shown(account, session, intent?.last_setup_error?.message);
    useCard(context, context.store.customer.need(session.customer), intent.payment_method ?? '');
    return { redirect: session.flow?.after_completion.redirect?.return_url ?? session.url };
  }),
];
