import { bool, decimal, int, required, string } from '../core/params.ts';
import { type ControlRoute, control } from './control-route.ts';

export const worldRoutes: readonly ControlRoute[] = [
  control('GET', '/_sim', {}, (world) => ({
    name: 'Stripe simulator',
    url: world.baseUrl,
    api_version: world.settings.apiVersion,
    now: world.clock.now(),
    clock_offset_seconds: world.clock.offsetSeconds,
    accounts: world.accounts.map(({ id, livemode, store }) => ({
      id,
      livemode,
      objects: Object.fromEntries(Object.entries(store).map(([name, kind]) => [name, kind.size])),
    })),
    webhooks_pending: world.webhooks.pending,
  })),
  control('GET', '/_sim/clock', {}, (world) => ({
    now: world.clock.now(),
    offset_seconds: world.clock.offsetSeconds,
  })),
  control('POST', '/_sim/clock/advance', { seconds: required(decimal({ min: 0 })) }, (world, { seconds }) => {
    const ran = world.clock.advance(seconds);
    return { now: world.clock.now(), offset_seconds: world.clock.offsetSeconds, ran };
  }),
  control('POST', '/_sim/reset', {}, (world) => {
    world.reset();
    return { reset: true };
  }),
  control('GET', '/_sim/settings', {}, (world) => world.settings),
  control(
    'POST',
    '/_sim/settings',
    {
      locks: bool(),
      limits: bool(),
      balance_delay_ms: int({ min: 0 }),
      settle_delay_ms: int({ min: 0 }),
      invoice_creation_delay_ms: int({ min: 0 }),
      webhook_retry_base_ms: int({ min: 1 }),
    },
    (world, { locks, limits, ...delays }) => {
      const { settings } = world;
      settings.locks = locks ?? settings.locks;
      if (limits !== undefined) settings.limits = limits ? { perSecond: 25, perEndpoint: 25 } : undefined;
      settings.balanceDelayMs = delays.balance_delay_ms ?? settings.balanceDelayMs;
      settings.settleDelayMs = delays.settle_delay_ms ?? settings.settleDelayMs;
      settings.invoiceCreationDelayMs = delays.invoice_creation_delay_ms ?? settings.invoiceCreationDelayMs;
      settings.webhookRetryBaseMs = delays.webhook_retry_base_ms ?? settings.webhookRetryBaseMs;
      return settings;
    },
  ),
  control(
    'GET',
    '/_sim/requests',
    { method: string(), template: string(), idempotency_key: string(), executed: bool(), since: int({ min: 0 }) },
    (world, { idempotency_key: idempotencyKey, ...filter }) => ({
      requests: world.log.list({ ...filter, idempotencyKey }),
    }),
  ),
  control('DELETE', '/_sim/requests', {}, (world) => {
    world.log.clear();
    return { cleared: true };
  }),
  control('GET', '/_sim/counts', {}, (world) => ({ counts: world.log.counts() })),
  control('GET', '/_sim/conformance', {}, (world) => world.conformance?.summary() ?? { enabled: false }),
  control('DELETE', '/_sim/conformance', {}, (world) => {
    world.conformance?.clear();
    return { cleared: true };
  }),
];
