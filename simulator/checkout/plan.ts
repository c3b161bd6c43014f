import { HiddenField } from '../core/hidden-field.ts';
import type { ObjectTypes } from '../core/objects.ts';
import type { MetadataUpdate } from '../core/shared-params.ts';
import type { Metadata } from '../core/wire.ts';
import type { LineAmounts } from './amounts.ts';
import type { SubscriptionData } from './session-params.ts';
import type { Trial } from './trial.ts';

type Session = ObjectTypes['checkout.session'];
type PaymentIntent = ObjectTypes['payment_intent'];

/** A line with what `expand` can show of it. */
export interface PlannedLine {
  item: ObjectTypes['item'];
  amounts: LineAmounts;
}

export interface PlannedSubscription {
  data: SubscriptionData | undefined;
  trial: Trial | undefined;
}

export interface Begun {
  subscription: string;
  invoice: string;
  /** The payment intent of the first invoice; null where nothing was due. */
  intent: string | null;
}

/** What belongs to a session without being part of its JSON. */
export interface Plan {
  lines: readonly PlannedLine[];
  discount: ObjectTypes['discount'] | undefined;
  /** What the payment intent will be made with, when the buyer confirms. */
  intentData: Partial<PaymentIntent>;
  /** What the subscription will begin with, in a session that sells one. */
  subscription: PlannedSubscription | undefined;
  /** The subscription of the first attempt to pay, which serves all later ones. */
  begun: Begun | undefined;
  callOffExpiry: () => void;
}

const plans = new HiddenField<Session, Plan>('plans');
const places = new HiddenField<PlannedLine['item'], { plan: Plan; line: PlannedLine }>('places');

export function keepPlan(session: Session, plan: Plan): void {
  plans.set(session, plan);
  for (const line of plan.lines) places.set(line.item, { plan, line });
}

/** The line that an item shows, and the plan that it belongs to. */
export function placeOf(item: PlannedLine['item']): { plan: Plan; line: PlannedLine } {
  const place = places.get(item);
  if (place === undefined) throw new Error(`Bug: no session for ${item.id}`);
  return place;
}

export function planOf(session: Session): Plan {
  const plan = plans.get(session);
  if (plan === undefined) throw new Error(`Bug: no plan for ${session.id}`);
  return plan;
}

/** Metadata as it was sent, for an object that has none yet. */
export function freshMetadata(sent: MetadataUpdate | undefined): Metadata {
  const kept = Object.entries(sent ?? {}).filter((entry): entry is [string, string] => entry[1] !== null);
  return Object.fromEntries(kept);
}
