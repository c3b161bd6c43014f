import { expect, test } from 'vitest';
import { openDeps } from '../../../src/billing/open-deps.ts';
import { addEndpoint } from '../../../src/billing/outgoing/manage-endpoints.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { featuresOf, toldOfAccess } from '../../support/access.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import type { Crash } from '../../support/crash-plan.ts';
import { crashAll } from '../../support/crashing-worker.ts';
import { atATime } from '../../support/deliveries.ts';
import { until } from '../../support/eventually.ts';
import { untilEventsDone } from '../../support/one-invoice.ts';
import { policyFile } from '../../support/policy-file.ts';
import { endLeases } from '../../support/records.ts';
import { startWorker } from '../../support/served.ts';
import { startStory } from '../../support/story.ts';
import { boughtBy } from './at-stripe.ts';
import { catalogOf, plans } from './catalog.ts';
import { expectMirrored } from './mirrored.ts';
import { begin } from './subscribe.ts';
import type { Person } from './world.ts';

/**
 * kill -9 before and after each write and each call of Stripe while a subscription that begins is brought into agreement. Each
 * dies once, all in one worker; then another one takes them up: each is kept as Stripe says, gives what was paid, and that is told
 * once.
 */
const { side, records, settings } = await startStory({
  workers: 0,
  env: { POLICY: policyFile({ access: { reference_metadata: ['user_id'], plans } }) },
});
const { deps, close } = openDeps(loadConfig({ ...settings, LOG_LEVEL: 'error' }), { name: 'test', connections: 4 });
releaseAfterFile(close);
await addEndpoint(deps.db, { url: 'http://127.0.0.1:9/', types: [], allowPrivate: true }, 'test');
const world = { side, prices: await catalogOf(side) };
const [endpoint] = (await side.stripe.webhookEndpoints.list()).data;
await side.stripe.webhookEndpoints.update(endpoint?.id ?? '', { enabled_events: ['customer.subscription.created'] });

let people = 0;
type Victim = Person & { readonly event: string };

/** Whose subscriptions have begun, with nobody who works on their events. */
async function victims(count: number): Promise<Victim[]> {
  const items = ['seat_month', 'pro_year'];
  const start = { door: 'checkout', mode: 'flexible', items, card: 'visa', trial: 'none' } as const;
  const made = await atATime(4, Array.from({ length: count }), () => begin(world, `user-${++people}`, start));
  const subscriptions = await atATime(4, made, async ({ customer }) => {
    const [begun] = (await side.stripe.subscriptions.list({ customer })).data;
    return begun?.id ?? '';
  });
  const stored = await until(async () => {
    const rows = await records.rows<{ id: string; object_id: string }>(
      'select id, object_id from stripe_events where object_id = any($1)',
      [subscriptions],
    );
    return rows.length === count && new Map(rows.map(({ id, object_id }) => [object_id, id]));
  });
  return made.map((person, at) => ({ ...person, event: stored.get(subscriptions[at] ?? '') ?? '' }));
}

/** Far behind the last point. */
const NEVER: Crash = { at: 1_000, side: 'before' };

test('whoever takes it up again ends in the same, at every write and every call', async () => {
  const models = await victims(1);
  const [model] = await crashAll(
    models.map(({ event }) => ({ event, crash: NEVER })),
    settings,
  );
  const points = model?.points ?? [];
  expect(points.filter((what) => what.startsWith('GET ')).length).toBeGreaterThanOrEqual(2);
  expect(points).toContain('INSERT INTO subscriptions');
  expect(points).toContain('INSERT INTO access_grants');
  const crashes = points.flatMap((_, at) => [
    { at: at + 1, side: 'before' as const },
    { at: at + 1, side: 'after' as const },
  ]);
  const struck = await victims(crashes.length);
  const lines = await crashAll(
    struck.map(({ event }, at) => ({ event, crash: crashes[at] ?? NEVER })),
    settings,
  );
  expect(lines.map(({ died }) => died)).toEqual(crashes.map(({ at, side: when }) => `${when} ${at} ${points[at - 1]}`));
  await endLeases(records);
  await startWorker([], settings);
  await untilEventsDone(records, 60_000);
  for (const person of [...models, ...struck]) {
    const { reference } = person;
    await expectMirrored(records, await boughtBy(world, person, { full_refund: true, lost_dispute: true }), reference);
    expect(Object.keys(await featuresOf(deps, reference))).toEqual(['basic', 'pro', 'seats']);
    expect(await toldOfAccess(deps.db, reference)).toEqual([
      'changed 1 basic,pro,seats',
      'granted 1 basic',
      'granted 1 pro',
      'granted 1 seats',
    ]);
  }
  console.log(`kill -9: ${crashes.length} faults tried: ${points.join(', ')}`);
}, 300_000);
