import { z } from 'zod';

/**
 * The envelope of an event as the receiver needs it: enough to store it once. The object inside is not looked at here.
 * A snapshot event has object `event`; a thin one has object `v2.core.event` and names its object in `related_object`.
 */
const id = z.string().regex(/^evt_[A-Za-z0-9_]{1,250}$/);
/** Without control characters and broken ones: Postgres takes no NUL, and would refuse the whole commit with it. */
const text = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u);
const type = text(200).min(1);
/** Seconds since 1970, up to the year 9999. */
const seconds = z.number().min(0).max(253_402_300_799);

const snapshot = z.object({
  id,
  object: z.literal('event'),
  type,
  created: seconds.int(),
  livemode: z.boolean(),
  api_version: text(100).nullish(),
  account: text(250).nullish(),
  data: z.object({ object: z.object({ id: text(500).nullish() }) }),
});

const thin = z.object({
  id,
  object: z.literal('v2.core.event'),
  type,
  created: z.union([z.iso.datetime({ offset: true }), seconds]),
  livemode: z.boolean(),
  context: text(250).nullish(),
  related_object: z.object({ id: text(500) }).nullish(),
});

export interface EventEnvelope {
  readonly id: string;
  readonly type: string;
  readonly apiVersion: string | null;
  /** Connected account, empty for our own. */
  readonly account: string;
  readonly livemode: boolean;
  readonly created: Date;
  readonly objectId: string | null;
}

/** @returns undefined when the JSON is no Stripe event */
export function readEnvelope(json: unknown): EventEnvelope | undefined {
  const event = snapshot.safeParse(json);
  if (event.success) {
    const { id, type, created, livemode, api_version, account, data } = event.data;
    return {
      id,
      type,
      livemode,
      created: new Date(created * 1000),
      apiVersion: api_version ?? null,
      account: account ?? '',
      objectId: data.object.id ?? null,
    };
  }
  const notification = thin.safeParse(json);
  if (!notification.success) return undefined;
  const { id, type, created, livemode, context, related_object } = notification.data;
  return {
    id,
    type,
    livemode,
    created: new Date(typeof created === 'number' ? created * 1000 : created),
    apiVersion: null,
    account: context ?? '',
    objectId: related_object?.id ?? null,
  };
}
