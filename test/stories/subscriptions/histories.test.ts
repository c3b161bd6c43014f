import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { agreeDueAccess } from '../../../src/billing/access/access-by-time.ts';
import { openDeps } from '../../../src/billing/open-deps.ts';
import { addEndpoint } from '../../../src/billing/outgoing/manage-endpoints.ts';
import { stripeEvents } from '../../../src/billing/stripe-events.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { bug } from '../../../src/platform/errors.ts';
import { apiClient } from '../../support/api-client.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { atATime } from '../../support/deliveries.ts';
import { until } from '../../support/eventually.ts';
import { policyFile } from '../../support/policy-file.ts';
import { depth, propertyRun } from '../../support/property.ts';
import { endLeases } from '../../support/records.ts';
import { startStory } from '../../support/story.ts';
import { settledDown } from '../../support/taken-back.ts';
import { startWebhookSink } from '../../support/webhook-sink.ts';
import { boughtBy } from './at-stripe.ts';
import { catalogOf, plans } from './catalog.ts';
import { doStep, endAll } from './deeds.ts';
import { type Expected, expectedAccess } from './expected-access.ts';
import { BEYOND_THE_HOUR, type DeedName, type Life, life, pauses, STEPS } from './lives.ts';
import { expectMirrored } from './mirrored.ts';
import { begin } from './subscribe.ts';
import { expectToldOnce, toldByNow } from './told.ts';
import type { Person } from './world.ts';

/**
 * Random histories of subscriptions at Stripe, and what comes of them here: webhooks late, shuffled and doubled, answers of
 * Stripe that are lost, Redis emptied. Each time that all is dealt with, what is kept is what Stripe says, and what may be used
 * is what docs/subscriptions.md says of that. Then so much time passes here as has passed at Stripe.
 */
const HISTORIES = 30;
/** `npm run test:deep` lives ten times as many. */
const BATCHES = depth;
const AT_ONCE = 8;

const { seed } = propertyRun(HISTORIES * BATCHES);
const [policy = bug('no policy was drawn')] = fc.sample(
  fc.record({
    grace_days: fc.constantFrom(0, 3, 14),
    while_collection_paused: fc.constantFrom('keep' as const, 'end' as const),
    ends_after: fc.record({ full_refund: fc.boolean(), lost_dispute: fc.boolean() }),
  }),
  { numRuns: 1, seed },
);

const sink = await startWebhookSink();
const { side, records, api, settings, redis } = await startStory({
  workers: 2,
  env: {
    ALLOW_PRIVATE_WEBHOOKS: 'on',
    POLICY: policyFile({ access: { reference_metadata: ['user_id'], plans, ...policy } }),
  },
});
const { deps, close } = openDeps(loadConfig({ ...settings, LOG_LEVEL: 'error' }), { name: 'test', connections: 4 });
releaseAfterFile(close);
const types = ['access.changed', 'access.granted', 'access.revoked'];
await addEndpoint(deps.db, { url: sink.url, types, allowPrivate: true }, 'test');
const app = await apiClient(deps.db, api.url, ['access:read']);
const world = { side, prices: await catalogOf(side) };
const [endpoint] = (await side.stripe.webhookEndpoints.list()).data;
await side.stripe.webhookEndpoints.update(endpoint?.id ?? '', { enabled_events: Object.keys(stripeEvents) as '*'[] });
await side.control('POST', '/_sim/webhooks', {
  shuffle: { seed, window_ms: 60 },
  duplicates: { rate: 0.2, seed: seed + 1, copies: 1 },
});

const counted = { histories: 0, done: 0, looks: 0, struck: 0, versions: 0, events: 0 };

const FAULTS = [
  { kind: 'drop', method: 'GET', path: '/v1/subscriptions*', rate: 0.03 },
  { kind: 'error_before', method: 'GET', path: '/v1/invoices*', rate: 0.03, status: 500 },
  { kind: 'reset', method: 'GET', path: '/v1/checkout/sessions*', rate: 0.03 },
] as const;

/** Everything that has happened at Stripe is dealt with, in spite of what goes wrong. */
async function settle(): Promise<void> {
  await side.control('POST', '/_sim/webhooks', { paused: false });
  for (const [number, fault] of FAULTS.entries()) await side.fault({ ...fault, seed: seed + number });
  await settledDown({ side, records }, 60_000);
  counted.struck += await side.struck();
  await side.endFaults();
  await until(async () => {
    await records.rows('update agreement_marks set next_try_at = now()');
    return (await records.rows('select from agreement_marks')).length === 0;
  });
}

const advance = (hours: number) => side.control('POST', '/_sim/clock/advance', { seconds: hours * 3_600 });
const clock = z.object({ offset_seconds: z.number() });
const answer = z.looseObject({
  version: z.number(),
  as_of: z.string(),
  features: z.record(z.string(), z.looseObject({ cause: z.string() })),
});

/** @param ahead how far Stripe's clock is ahead of ours at this look, and what is kept has been moved back, in milliseconds */
async function look(person: Person, story: string, ahead = 0) {
  const { reference } = person;
  const bought = await boughtBy(world, person, policy.ends_after);
  if (ahead === 0) await expectMirrored(records, bought, story);
  const found = await app.ask('GET', `/v1/customers/${reference}/access`);
  const { as_of, version, features } = answer.parse(found.body);
  const expected = expectedAccess(bought, policy, Date.parse(as_of) + ahead);
  const said = Object.fromEntries(
    Object.entries(features).map(([name, { cause, ...rest }]) => {
      const { causes = [] } = expected[name] ?? {};
      return [name, { ...rest, causes: causes.includes(cause) ? causes : [cause] }];
    }),
  );
  expect(said, `${story}: access of ${reference}`).toEqual(
    Object.fromEntries(Object.entries(expected).map(([name, each]) => [name, asTold(each, ahead)])),
  );
  counted.looks += 1;
  return { version, features };
}

function asTold({ until: end, grace_until, ...rest }: Expected, ahead: number) {
  const moved = (moment: string | null) => moment && new Date(Date.parse(moment) - ahead).toISOString();
  return { allowed: true, ...rest, until: moved(end), grace_until: moved(grace_until) };
}

/** What is given is moved back by so much as Stripe's clock is ahead: as if that time had passed here. */
async function passHere(references: readonly string[], ahead: number): Promise<void> {
  await records.rows(
    `update access_grants set until = until - $2 * interval '1 ms', grace_until = grace_until - $2 * interval '1 ms',
                              bridged_until = bridged_until - $2 * interval '1 ms'
     where reference = any($1)`,
    [references, ahead],
  );
  await records.rows('update access_states set changes_at = now() where reference = any($1)', [references]);
  await agreeDueAccess(deps.db, deps.changed);
}

/** What was done to whom. */
const doneBy = new Map<string, DeedName[]>();
const storyOf = ({ start }: Life, person: Person) =>
  JSON.stringify({ ...person, start, done: doneBy.get(person.reference) });

test.each(Array.from({ length: BATCHES }, (_, batch) => batch + 1))(
  `${HISTORIES} random histories of subscriptions, batch %i of ${BATCHES}: shuffled, doubled, with lost answers, kept as Stripe says, access by what was paid`,
  async (batch) => {
    const lives = fc.sample(life, { numRuns: HISTORIES, seed: seed + batch });
    const [between = []] = fc.sample(pauses, { numRuns: 1, seed: seed + batch });
    const began = performance.now();
    const people = await atATime(AT_ONCE, [...lives.entries()], ([number, { start }]) =>
      begin(world, `user-${batch}-${number}`, start),
    );
    const each = <T>(work: (person: Person, its: Life) => Promise<T>) =>
      atATime(AT_ONCE, lives, (its) => work(people[lives.indexOf(its)] ?? { reference: '', customer: '' }, its));
    // Nobody changes something in the second in which he buys it.
    await advance(1 + BEYOND_THE_HOUR);
    for (let number = 0; number < STEPS; number += 1) {
      await each(async (person, { steps }) => {
        const step = steps[number];
        const done = step && (await doStep(world, person, step));
        if (done) doneBy.set(person.reference, [...(doneBy.get(person.reference) ?? []), done]);
        if (done) counted.done += 1;
      });
      const { hours, settles } = between[number] ?? { hours: 1, settles: true };
      const isLast = number === STEPS - 1;
      if (settles || isLast) await settle();
      else if (number % 2 === 0) await side.control('POST', '/_sim/webhooks', { paused: true });
      if (number === 2) {
        await redis.flush();
        await endLeases(records);
      }
      await advance(hours + BEYOND_THE_HOUR);
      if (!settles && !isLast) continue;
      await settle();
      // What has become due was a draft for an hour.
      await advance(2 + BEYOND_THE_HOUR);
      await settle();
      await each((person, its) => look(person, storyOf(its, person)));
    }

    const ahead = Math.round(clock.parse(await side.control('GET', '/_sim/clock')).offset_seconds * 1_000);
    await passHere(
      people.map(({ reference }) => reference),
      ahead,
    );
    const seen = await each((person, its) => look(person, storyOf(its, person), ahead));
    const told = await toldByNow(records, sink);
    for (const [number, { reference }] of people.entries()) {
      const last = expectToldOnce(told.get(reference) ?? [], reference);
      expect(last, `what was told last to ${reference}`).toEqual(seen[number]);
      counted.versions += last.version;
    }
    await each((person) => endAll(world, person));
    counted.histories += lives.length;
    const { n, deadlocks } = await records.row<{ n: number; deadlocks: number }>(
      `select (select count(*)::int from stripe_events) as n, deadlocks::int from pg_stat_database
       where datname = current_database()`,
    );
    expect(deadlocks, 'nobody has waited for somebody who waited for him').toBe(0);
    counted.events = n;
    console.log(`${((performance.now() - began) / 1_000).toFixed(1)} s; so far ${JSON.stringify(counted)}`);
  },
  300_000,
);
