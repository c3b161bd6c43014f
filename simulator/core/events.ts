import type { Account } from './account.ts';
import type { Cause, EventType } from './context.ts';
import type { EventObject, WebhookEndpointObject } from './objects.ts';
import type { World } from './world.ts';

/** Stripe lists 30 days of events. */
const EVENT_DAYS = 30;

/** Records events and hands them to the webhook endpoints that want them. */
export class Events {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  record(account: Account, cause: Cause, type: EventType, object: object, previous?: object): EventObject {
    const endpoints = listeners(account, type);
    const snapshot: object = JSON.parse(JSON.stringify(object));
    const event: EventObject = {
      id: this.#world.ids.make('evt_'),
      object: 'event',
      api_version: this.#world.settings.apiVersion,
      created: this.#world.clock.now(),
      data: previous === undefined ? { object: snapshot } : { object: snapshot, previous_attributes: previous },
      livemode: account.livemode,
      pending_webhooks: endpoints.length,
      request: { id: cause.requestId, idempotency_key: cause.idempotencyKey },
      type,
    };
    account.store.event.add(event);
    account.store.event.keepNewest(this.#world.settings.maxEvents);
    for (const endpoint of endpoints) this.#world.webhooks.enqueue(account, endpoint, event);
    return event;
  }

  oldestListed(): number {
    return this.#world.clock.now() - EVENT_DAYS * 86_400;
  }
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
