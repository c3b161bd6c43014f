import type { Resource } from './core/routes.ts';
import { events } from './events/events.ts';
import { webhookEndpoints } from './events/webhook-endpoints.ts';

/** Everything that the simulated Stripe serves under `/v1`, one line per kind of object. */
export const resources: readonly Resource[] = [events, webhookEndpoints];
