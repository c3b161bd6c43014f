import type Stripe from 'stripe';
import type { Account } from './account.ts';
import type { EventObject, WebhookEndpointObject } from './objects.ts';

export type EventType = Stripe.Event['type'];

/** Who asked: null ids for what Stripe does by itself later on. */
export interface Cause {
  requestId: string | null;
  idempotencyKey: string | null;
}

/** What an event tells. */
export interface Happening {
  type: EventType;
  object: object;
  previous: object | undefined;
}

/** Records an event and hands it to the webhook endpoints that want it. */
export function recordEvent(account: Account, id: string, cause: Cause, { type, object, previous }: Happening): void {
  const endpoints = listeners(account, type);
  const snapshot: object = JSON.parse(JSON.stringify(object));
  const event: EventObject = {
    id,
    object: 'event',
    api_version: account.settings.apiVersion,
    created: account.clock.now(),
    data: previous === undefined ? { object: snapshot } : { object: snapshot, previous_attributes: previous },
    livemode: account.livemode,
    pending_webhooks: endpoints.length,
    request: { id: cause.requestId, idempotency_key: cause.idempotencyKey },
    type,
  };
  account.store.event.add(event);
  account.store.event.keepNewest(account.settings.maxEvents);
  for (const endpoint of endpoints) account.webhooks.enqueue(endpoint, event);
}

export function listeners(account: Account, type: string): WebhookEndpointObject[] {
  return account.store.webhook_endpoint.oldestFirst(
    ({ status, enabled_events }) =>
      status === 'enabled' && (enabled_events.includes('*') || enabled_events.includes(type)),
  );
}

/** The fields of `before` that differ in `after`, plain objects compared inside; undefined when nothing differs. */
export function previousAttributes(before: unknown, after: object): object | undefined {
  if (!isRecord(before) || !isRecord(after)) return undefined;
  const changed: [string, unknown][] = [];
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [before[key] ?? null, after[key] ?? null];
    if (JSON.stringify(was) === JSON.stringify(is)) continue;
    const inside = isRecord(was) && isRecord(is) ? previousAttributes(was, is) : undefined;
    changed.push([key, inside ?? was]);
  }
  return changed.length === 0 ? undefined : Object.fromEntries(changed);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
