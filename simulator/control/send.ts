import type { Account } from '../core/account.ts';
import { type ControlRoute, control, type Stage } from '../core/control.ts';
import { noSuch } from '../core/errors.ts';
import type { EventObject, WebhookEndpointObject } from '../core/objects.ts';
import { bool, int, oneOf, type Params, string } from '../core/params.ts';
import { signatureHeader } from '../core/signature.ts';
import type { World } from '../core/world.ts';
import { thinTwin } from '../events/thin.ts';

const shape = {
  /** The event to send; the newest one when absent. */
  event: string(),
  /** A text to send instead of an event, as it is. */
  body: string({ max: 4_000_000 }),
  /** Where to send it; the event's account's endpoints when absent. */
  url: string(),
  secret: string(),
  new_id: bool(),
  type: string(),
  api_version: string(),
  livemode: bool(),
  /** Names a connected account in the event. */
  account: string(),
  /** Fields that no version of the API has. */
  unknown_fields: bool(),
  /** Grows the object's metadata until the body has about this size. */
  pad_bytes: int({ min: 0, max: 4_000_000 }),
  /** The thin twin (`v2.core.event`) instead of the event itself. */
  thin: bool(),
  /** How far the signature's time is from now; -600 is stale. */
  timestamp_offset_seconds: int(),
  signature: oneOf('valid', 'wrong', 'missing', 'malformed'),
  content_type: string(),
} as const;

type Wanted = Params<typeof shape>;

/** Sends one webhook, as unusual as it is asked to be, and reports what the receiver answered. No retries. */
export const sendRoutes: readonly ControlRoute[] = [
  control('POST', '/_sim/webhooks/send', shape, async (stage, wanted) => {
    const { account, event } = findEvent(stage, wanted.event);
    const body = wanted.body ?? JSON.stringify(altered(stage.world, event, wanted), null, 2);
    const endpoints = wanted.url === undefined ? account.store.webhook_endpoint.oldestFirst() : [];
    const targets = endpoints.map((endpoint) => ({
      url: endpoint.url,
      secrets: account.webhooks.secretsOf(endpoint.id),
    }));
    if (wanted.url !== undefined) targets.push({ url: wanted.url, secrets: [] });
    const answers = await Promise.all(
      targets.map(async ({ url, secrets }) => {
        const keys = wanted.secret === undefined ? secrets : [wanted.secret];
        const outcome = await account.webhooks.post(url, headersOf(account.clock.now(), body, keys, wanted), body);
        return { url, ...outcome };
      }),
    );
    return { bytes: Buffer.byteLength(body), answers };
  }),
  control(
    'POST',
    '/_sim/webhooks/rotate',
    { endpoint: string(), secret: string(), overlap_seconds: int({ min: 0 }) },
    ({ account }, { endpoint: id, secret, overlap_seconds: overlap }) => {
      const endpoint = findEndpoint(account, id);
      return { endpoint: endpoint.id, secret: account.webhooks.rotateSecret(endpoint.id, overlap ?? 86_400, secret) };
    },
  ),
];

/** By its id wherever it is; the newest one of the account that is spoken of. */
function findEvent({ world, account }: Stage, id: string | undefined): { account: Account; event: EventObject } {
  for (const one of id === undefined ? [account] : world.accounts) {
    const [newest] = one.store.event.newestFirst((event) => id === undefined || event.id === id);
    if (newest !== undefined) return { account: one, event: newest };
  }
  throw noSuch('event', id ?? 'newest');
}

function findEndpoint({ store }: Account, id: string | undefined): WebhookEndpointObject {
  const [first] = store.webhook_endpoint.oldestFirst((endpoint) => id === undefined || endpoint.id === id);
  if (first === undefined) throw noSuch('webhook endpoint', id ?? 'first');
  return first;
}

function altered(world: World, event: EventObject, wanted: Wanted): object {
  if (wanted.thin === true) return { ...thinTwin(event), ...(wanted.type === undefined ? {} : { type: wanted.type }) };
  const object: Record<string, unknown> = { ...event.data.object };
  if (wanted.pad_bytes !== undefined) object.metadata = padding(wanted.pad_bytes);
  if (wanted.unknown_fields === true) object.a_field_of_tomorrow = { nested: [1, 'two', null] };
  return {
    ...event,
    id: wanted.new_id === true ? world.ids.make('evt_') : event.id,
    type: wanted.type ?? event.type,
    api_version: wanted.api_version ?? event.api_version,
    livemode: wanted.livemode ?? event.livemode,
    ...(wanted.account === undefined ? {} : { account: wanted.account, context: wanted.account }),
    ...(wanted.unknown_fields === true ? { a_field_of_tomorrow: true } : {}),
    data: { ...event.data, object },
  };
}

function padding(bytes: number): Record<string, string> {
  const keys = Math.ceil(bytes / 530);
  return Object.fromEntries(Array.from({ length: keys }, (_, index) => [`padding_${index}`, 'x'.repeat(500)]));
}

function headersOf(now: number, body: string, secrets: readonly string[], wanted: Wanted): Record<string, string> {
  const at = now + (wanted.timestamp_offset_seconds ?? 0);
  const valid = signatureHeader(body, secrets, at);
  const signatures = {
    valid,
    wrong: signatureHeader(body, ['whsec_somebody_else'], at),
    malformed: 'v1=,t=yesterday',
    missing: undefined,
  };
  const signature = signatures[wanted.signature ?? 'valid'];
  return {
    'Content-Type': wanted.content_type ?? 'application/json; charset=utf-8',
    'User-Agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    ...(signature === undefined ? {} : { 'Stripe-Signature': signature }),
  };
}
