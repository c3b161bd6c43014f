import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runProgram } from '../../bin/lib/processes.ts';
import { type Answer, deliver, hintsOf } from '../support/deliveries.ts';
import { until } from '../support/eventually.ts';
import { expectOneInvoiceEach, untilEventsDone, untilSettled } from '../support/one-invoice.ts';
import { manyPayments } from '../support/purchases.ts';
import { endLeases } from '../support/records.ts';
import type { StripeEvent } from '../support/simulated-stripe.ts';
import { startPrivatePostgres } from '../support/stores.ts';
import { startStory } from '../support/story.ts';

/** What was answered with 200 is stored, whatever happens to Postgres; what was not is sent again by Stripe. */
const postgres = await startPrivatePostgres();
runProgram('dist/db/migrate.js', [], { DATABASE_URL: postgres.url });
const { side, records, api, webhookSecret } = await startStory({ env: { DATABASE_URL: postgres.url } });

const SENDERS = 6;

/** Sends events, each with an id of its own, until told to stop. */
function startSending(hints: readonly StripeEvent[]) {
  const sent: { event: StripeEvent; answer: Answer }[] = [];
  let stopped = false;
  async function sender(): Promise<void> {
    while (!stopped) {
      const hint = hints[sent.length % hints.length];
      if (!hint) throw new Error('Bug: there are hints');
      const entry = { event: { ...hint, id: `${hint.id}x${sent.length}` }, answer: 'not answered yet' as Answer };
      sent.push(entry);
      entry.answer = await deliver(api, entry.event, webhookSecret);
      await sleep(10);
    }
  }
  const senders = Promise.all(Array.from({ length: SENDERS }, sender));
  return {
    sent,
    answered: (status: number): number => sent.filter(({ answer }) => answer === status).length,
    async stop() {
      stopped = true;
      await senders;
    },
  };
}

test('Postgres is restarted in order and killed while webhooks arrive and a worker works', async () => {
  await side.control('POST', '/_sim/webhooks', { paused: true });
  const payments = await manyPayments(side, 40);
  const sending = startSending([...hintsOf(await side.events(), payments).values()].flat());

  const restarts = ['SIGINT', 'SIGKILL', 'SIGINT'] as const;
  for (const signal of restarts) {
    const good = sending.answered(200);
    await until(() => sending.answered(200) >= good + 60, { what: 'webhooks are stored' });
    const refused = sending.answered(503);
    await postgres.restart(signal);
    await until(() => sending.answered(503) > refused, { what: `somebody noticed the ${signal}` });
  }
  const last = sending.answered(200);
  await until(() => sending.answered(200) >= last + 60, { what: 'webhooks are stored again' });
  await sending.stop();

  const { sent } = sending;
  const accepted = sent.filter(({ answer }) => answer === 200).map(({ event }) => event.id);
  const others = sent.filter(({ answer }) => answer !== 200);
  expect(
    others.filter(({ answer }) => typeof answer === 'number' && answer !== 503),
    'nothing else was answered',
  ).toEqual([]);
  const stored = new Set((await records.rows<{ id: string }>('select id from stripe_events')).map(({ id }) => id));
  expect(
    accepted.filter((id) => !stored.has(id)),
    'what was answered 200 is there',
  ).toEqual([]);

  for (const { event } of others) expect(await deliver(api, event, webhookSecret)).toBe(200);
  const [first] = await records.rows<{ n: number }>(
    `select count(*)::int as n from webhook_requests where verdict = 'accepted'`,
  );
  expect(first?.n, 'each was accepted once').toBe(sent.length);
  // Whoever lost Postgres in the middle could not give his lease back.
  await endLeases(records);
  await untilSettled(records, payments, 60_000);
  await untilEventsDone(records, 60_000);
  await expectOneInvoiceEach(side, records, payments);
  console.log(
    `Postgres restarted ${restarts.join(', ')}: ${sent.length} webhooks, ${accepted.length} answered 200, ${others.length} not, none lost`,
  );
}, 300_000);
