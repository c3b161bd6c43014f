import { type ControlRoute, control } from '../core/control.ts';
import { invalidParam, noSuch } from '../core/errors.ts';
import { array, bool, decimal, int, oneOf, required, string } from '../core/params.ts';

export const worldRoutes: readonly ControlRoute[] = [
  control('GET', '/_sim', {}, ({ world, account }) => ({
    name: 'Stripe simulator',
    url: world.baseUrl,
    api_version: account.settings.apiVersion,
    now: account.clock.now(),
    clock_offset_seconds: account.clock.offsetSeconds,
    accounts: world.accounts.map(({ id, livemode, store }) => ({
      id,
      livemode,
      objects: Object.fromEntries(Object.entries(store).map(([name, kind]) => [name, kind.size])),
    })),
    webhooks_pending: account.webhooks.pending,
  })),
  control('POST', '/_sim/accounts', { key: required(string()) }, ({ world }, { key }) => {
    const { id, livemode } = world.open(key);
    return { id, livemode };
  }),
  control('DELETE', '/_sim/accounts/{id}', {}, ({ world }, _params, { id }) => {
    const account = world.accounts.find((one) => one.id === id);
    if (account === undefined) throw noSuch('account', id);
    if (account === world.firstAccount()) throw invalidParam('The first account stays.', 'id');
    world.close(account);
    return { id, closed: true };
  }),
  control('GET', '/_sim/clock', {}, ({ account: { clock } }) => ({
    now: clock.now(),
    offset_seconds: clock.offsetSeconds,
  })),
  control(
    'POST',
    '/_sim/clock/advance',
    { seconds: required(decimal({ min: 0 })) },
    ({ account: { clock } }, { seconds }) => {
      const ran = clock.advance(seconds);
      return { now: clock.now(), offset_seconds: clock.offsetSeconds, ran };
    },
  ),
  control('POST', '/_sim/reset', {}, ({ account }) => {
    account.reset();
    return { reset: true };
  }),
  control('GET', '/_sim/settings', {}, ({ account }) => account.settings),
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
      retry_days: array(int({ min: 1 }), { max: 8 }),
      upcoming_days: int({ min: 0, max: 45 }),
      after_retries: oneOf('cancel', 'unpaid', 'past_due'),
    },
    (
      { account: { settings } },
      { locks, limits, retry_days: days, upcoming_days: upcoming, after_retries: after, ...delays },
    ) => {
      settings.retryDays = days ?? settings.retryDays;
      settings.upcomingDays = upcoming ?? settings.upcomingDays;
      settings.afterRetries = after ?? settings.afterRetries;
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
    ({ account }, { idempotency_key: idempotencyKey, ...filter }) => ({
      requests: account.log.list({ ...filter, idempotencyKey }),
    }),
  ),
  control('DELETE', '/_sim/requests', {}, ({ account }) => {
    account.log.clear();
    return { cleared: true };
  }),
  control('GET', '/_sim/counts', {}, ({ account }) => ({ counts: account.log.counts() })),
  control('GET', '/_sim/conformance', {}, ({ world }) => world.conformance?.summary() ?? { enabled: false }),
  control('DELETE', '/_sim/conformance', {}, ({ world }) => {
    world.conformance?.clear();
    return { cleared: true };
  }),
];
