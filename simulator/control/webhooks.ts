import { type ControlRoute, control, type Stage } from '../core/control.ts';
import { noSuch } from '../core/errors.ts';
import { listeners } from '../core/events.ts';
import { bool, clearable, decimal, int, object, required, string } from '../core/params.ts';

const overview = ({ account: { store, webhooks } }: Stage): object => ({
  ...webhooks.switches,
  pending: webhooks.pending,
  endpoints: store.webhook_endpoint.oldestFirst(),
});

export const webhookRoutes: readonly ControlRoute[] = [
  control('GET', '/_sim/webhooks', {}, overview),
  control(
    'POST',
    '/_sim/webhooks',
    {
      paused: bool(),
      shuffle: clearable(object({ seed: int(), window_ms: int({ min: 0 }) })),
      duplicates: clearable(
        object({ rate: decimal({ min: 0, max: 1 }), seed: int(), copies: int({ min: 1, max: 20 }) }),
      ),
      delay_ms: int({ min: 0 }),
      jitter_ms: int({ min: 0 }),
    },
    (stage, { paused, shuffle, duplicates, delay_ms: delayMs, jitter_ms: jitterMs }) => {
      const { webhooks } = stage.account;
      const now = webhooks.switches;
      webhooks.set({
        paused: paused ?? now.paused,
        shuffle:
          shuffle === undefined
            ? now.shuffle
            : shuffle === null
              ? undefined
              : { seed: shuffle.seed ?? 1, windowMs: shuffle.window_ms ?? 100 },
        duplicates:
          duplicates === undefined
            ? now.duplicates
            : duplicates === null
              ? undefined
              : { rate: duplicates.rate ?? 1, seed: duplicates.seed ?? 1, copies: duplicates.copies ?? 1 },
        delayMs: delayMs ?? now.delayMs,
        jitterMs: jitterMs ?? now.jitterMs,
      });
      return overview(stage);
    },
  ),
  control(
    'POST',
    '/_sim/webhooks/flush',
    { timeout_ms: int({ min: 1 }) },
    async ({ account: { webhooks } }, { timeout_ms: timeout }) => {
      await webhooks.flush(timeout ?? 10_000);
      const states = webhooks.history().map(({ state }) => state);
      const count = (wanted: string): number => states.filter((state) => state === wanted).length;
      return { pending: webhooks.pending, delivered: count('delivered'), failed: count('failed') };
    },
  ),
  control('POST', '/_sim/webhooks/redeliver', { event: required(string()) }, ({ world }, { event: id }) => {
    for (const account of world.accounts) {
      const event = account.store.event.get(id);
      if (event === undefined) continue;
      const endpoints = listeners(account, event.type);
      for (const endpoint of endpoints) account.webhooks.enqueue(endpoint, event, true);
      return { event: id, deliveries: endpoints.length };
    }
    throw noSuch('event', id);
  }),
  control(
    'GET',
    '/_sim/webhooks/deliveries',
    { event: string(), state: string() },
    ({ account }, { event, state }) => ({
      deliveries: account.webhooks
        .history()
        .filter(
          (one) => (event === undefined || one.event.id === event) && (state === undefined || one.state === state),
        )
        .map(({ id, endpoint, event: { id: eventId, type }, repeat, state: ended, attempts }) => ({
          id,
          endpoint: endpoint.id,
          event: eventId,
          type,
          repeat,
          state: ended,
          attempts,
        })),
    }),
  ),
];
