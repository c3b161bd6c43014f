import type Stripe from 'stripe';
import { fromUnix } from '../../platform/clock.ts';

/** What Stripe tells of a Checkout Session in which something is sold. Pure. */
export interface ToldSession {
  readonly id: string;
  readonly mode: 'payment' | 'subscription';
  readonly status: 'open' | 'complete' | 'expired';
  readonly payment_status: (typeof PAYMENT_STATUSES)[number];
  readonly payment: PaymentProgress;
  readonly failure_code: string | null;
  readonly payment_intent: string | null;
  readonly subscription: string | null;
  readonly customer: string | null;
  readonly created: Date;
  readonly expires_at: Date;
}

const MODES = ['payment', 'subscription'] as const;
const STATUSES = ['open', 'complete', 'expired'] as const;
const PAYMENT_STATUSES = ['paid', 'unpaid', 'no_payment_required'] as const;

/** How far a payment has come. `none`: nobody has tried. */
export type PaymentProgress = 'none' | 'failed' | 'under_way' | 'succeeded';

/**
 * @param session with its payment intent, that one's latest charge, and its subscription expanded
 * @returns undefined where nothing is sold (mode `setup`), or in words of Stripe that are not known here
 */
export function toldSession(session: Stripe.Checkout.Session): ToldSession | undefined {
  const mode = MODES.find((known) => known === session.mode);
  const status = STATUSES.find((known) => known === session.status);
  const payment_status = PAYMENT_STATUSES.find((known) => known === session.payment_status);
  if (!mode || !status || !payment_status) return undefined;
  return {
    id: session.id,
    mode,
    status,
    payment_status,
    ...progressOf(session),
    payment_intent: idOf(session.payment_intent),
    subscription: idOf(session.subscription),
    customer: idOf(session.customer),
    created: fromUnix(session.created),
    expires_at: fromUnix(session.expires_at),
  };
}

type Progress = Pick<ToldSession, 'payment' | 'failure_code'>;

function progressOf(session: Stripe.Checkout.Session): Progress {
  const { payment_status, payment_intent: intent, subscription } = session;
  if (payment_status === 'paid') return { payment: 'succeeded', failure_code: null };
  if (intent !== null && typeof intent !== 'string') return progressOfIntent(intent, session.created);
  if (subscription !== null && typeof subscription !== 'string') return progressOfSubscription(subscription, session);
  return { payment: 'none', failure_code: null };
}

/**
 * Since 2022-08-01 the payment intent is made when somebody pays for the first time, before that it was made with the session:
 * without an error and without a charge it tells of a try only if it is younger.
 */
function progressOfIntent(intent: Stripe.PaymentIntent, sessionCreated: number): Progress {
  const failure_code = codeOf(intent);
  const payment = progressOfStatus(intent.status);
  if (payment === 'succeeded') return { payment, failure_code: null };
  if (payment === 'under_way') return { payment, failure_code };
  const isTried = failure_code !== null || intent.latest_charge !== null || intent.created > sessionCreated;
  return { payment: isTried ? 'failed' : 'none', failure_code };
}

const ENDED_WITHOUT_MONEY: readonly string[] = ['requires_payment_method', 'canceled'];

/** Of a payment intent that was tried. A status that is not known yet is no end. */
export function progressOfStatus(status: string): Exclude<PaymentProgress, 'none'> {
  if (status === 'succeeded') return 'succeeded';
  return ENDED_WITHOUT_MONEY.includes(status) ? 'failed' : 'under_way';
}

/** `last_payment_error` goes with any change of the payment intent; the charge of the try stays. */
function codeOf({ last_payment_error: error, latest_charge: charge }: Stripe.PaymentIntent): string | null {
  const told = error?.decline_code ?? error?.code;
  if (told) return told;
  if (charge === null || typeof charge === 'string' || charge.status !== 'failed') return null;
  return charge.outcome?.reason ?? charge.failure_code;
}

/** It is made when somebody pays for the first time. */
function progressOfSubscription({ status }: Stripe.Subscription, session: Stripe.Checkout.Session): Progress {
  const isBegun = status !== 'incomplete' && status !== 'incomplete_expired';
  return { payment: isBegun && session.status === 'complete' ? 'under_way' : 'failed', failure_code: null };
}

function idOf(reference: string | { readonly id: string } | null): string | null {
  return typeof reference === 'string' ? reference : (reference?.id ?? null);
}
