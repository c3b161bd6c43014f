import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { adjustPayment } from '../../../src/billing/adjustments/adjust-payment.ts';
import type { Deps } from '../../../src/billing/deps/deps.ts';
import { openDeps } from '../../../src/billing/open-deps.ts';
import { decideReview } from '../../../src/billing/questions.ts';
import { stripeEvents } from '../../../src/billing/stripe-events.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { isDatabaseAway } from '../../../src/platform/db.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import {
  adjustmentOf,
  type BalanceOptions,
  expectBooksBalance,
  idOf,
  type PaymentBooks,
} from '../../support/books-balance.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { atATime } from '../../support/deliveries.ts';
import { startWorkerProcess } from '../../support/processes.ts';
import { depth, propertyRun } from '../../support/property.ts';
import { endLeases, type Records, recordsOf } from '../../support/records.ts';
import type { SimulatedStripe } from '../../support/simulated-stripe.ts';
import { startStory } from '../../support/story.ts';
import { settledDown } from '../../support/taken-back.ts';
import { type History, history, pay, refundAgain, settleRefunds, take, takeLater } from './history.ts';

/**
 * Random histories of payments, refunds and disputes, lived twice. Once in order: each step is dealt with right after it
 * happened. Once as it comes: webhooks late, shuffled and doubled, answers of Stripe dropped, workers killed with everything
 * they had in Redis. Both must end in the same documents, which come to the money that was kept.
 */
const HISTORIES = 30;
const AT_ONCE = 16;
const rules = join(mkdtempSync(join(tmpdir(), 'quittance-rules-')), 'eligibility.json');
writeFileSync(
  rules,
  JSON.stringify({
    rules: [{ name: 'marked by the shop', action: 'skip', when: { metadata: { invoice: 'no' } } }],
    otherwise: 'invoice',
  }),
);
const env = { SETTLEMENT: 'attach', ELIGIBILITY_RULES: rules };

type World = {
  side: SimulatedStripe;
  records: Records;
  deps: Deps;
  payments: string[];
  /** What follows on each step of these payments. */
  happened(payments: readonly string[]): Promise<void>;
  /** Waits until everything that happened is dealt with. */
  over(): Promise<void>;
};

/** As a worker does it: a connection that was not to be had in time is asked for again. */
async function onceThere<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
    }
  }
}

async function orderedWorld(): Promise<World> {
  const { deps, side, settings } = await billingUnderTest(env);
  const happened = async (payments: readonly string[]) => {
    await atATime(AT_ONCE, payments, (paymentIntent) =>
      onceThere(() => adjustPayment({ account: '', paymentIntent }, deps)),
    );
  };
  return { side, deps, records: recordsOf(settings.DATABASE_URL ?? ''), payments: [], happened, over: async () => {} };
}

const counted = { histories: 0, deliveries: 0, kills: 0, faults: 0, notes: 0, reversals: 0, questions: 0 };

async function shuffledWorld(): Promise<World> {
  const story = await startStory({ workers: 0, env });
  const { side, records, settings, redis } = story;
  const { deps, close } = openDeps(loadConfig({ ...settings, LOG_LEVEL: 'error' }), { name: 'test', connections: 4 });
  releaseAfterFile(close);
  const [endpoint] = (await side.stripe.webhookEndpoints.list()).data;
  await side.stripe.webhookEndpoints.update(endpoint?.id ?? '', { enabled_events: Object.keys(stripeEvents) as '*'[] });
  const chaos = fc.sample(fc.record({ shuffle: fc.nat(), duplicates: fc.nat(), faults: fc.nat() }), propertyRun(1))[0];
  await side.control('POST', '/_sim/webhooks', {
    jitter_ms: 800,
    shuffle: { seed: chaos?.shuffle, window_ms: 200 },
    duplicates: { rate: 0.3, seed: chaos?.duplicates, copies: 1 },
  });

  const startTwo = () => Promise.all([startWorkerProcess([], settings), startWorkerProcess([], settings)]);
  let workers = await startTwo();
  const killWorkers = async () => {
    for (const worker of workers) worker.kill('SIGKILL');
    counted.kills += workers.length;
    await redis.flush();
    await endLeases(records);
    workers = await startTwo();
  };
  let troubled = false;
  const world: World = {
    side,
    deps,
    records,
    payments: [],
    async happened() {
      if (!troubled) {
        for (const [number, fault] of FAULTS.entries())
          await side.fault({ ...fault, seed: (chaos?.faults ?? 0) + number });
      }
      troubled = true;
      if (counted.kills < KILLS_PER_BATCH * (world.payments.length / HISTORIES)) await killWorkers();
    },
    async over() {
      await settledDown({ side, records }, 60_000);
      counted.faults += await side.struck();
      await side.endFaults();
      troubled = false;
    },
  };
  return world;
}

/** Two workers, twice. */
const KILLS_PER_BATCH = 4;
const FAULTS = [
  { kind: 'drop', method: 'POST', path: '/v1/credit_notes', rate: 0.15 },
  { kind: 'error_after', method: 'POST', path: '/v1/credit_notes', rate: 0.1 },
  { kind: 'reset', method: 'GET', path: '/v1/credit_notes*', rate: 0.05 },
  { kind: 'drop', method: 'POST', path: '/v1/invoices*', rate: 0.05 },
  { kind: 'lock_timeout', method: 'POST', path: '/v1/invoices*', rate: 0.03 },
] as const;

const [ordered, shuffled] = await Promise.all([orderedWorld(), shuffledWorld()]);

/** All histories side by side, one step after the other. */
async function live(world: World, lives: readonly History[]): Promise<string[]> {
  const { side, records, deps } = world;
  const each = <T>(work: (payment: string, its: History) => Promise<T>) =>
    atATime(AT_ONCE, [...lives.entries()], ([position, its]) => work(payments[position] ?? '', its));
  const payments = await atATime(AT_ONCE, lives, (its) => pay(side, its));
  world.payments.push(...payments);
  await world.happened(payments);
  for (let number = 0; lives.some(({ steps }) => steps[number]); number += 1) {
    const struck = await each(async (payment, its) => {
      const step = its.steps[number];
      if (step) await take(side, payment, its, step);
      return step ? [payment] : [];
    });
    await world.happened(struck.flat());
  }
  await each((payment) => settleRefunds(side, payment));
  await world.happened(payments);
  await world.over();
  for (let number = 0; lives.some(({ later }) => later[number]); number += 1) {
    const struck = await each(async (payment, its) => {
      const later = its.later[number];
      if (later) await takeLater(side, payment, later);
      return later ? [payment] : [];
    });
    await world.happened(struck.flat());
    await world.over();
  }
  await each((payment, its) => decideAll(payment, its, records, deps));
  const again = await each(async (payment, its) => {
    if (its.again) await refundAgain(side, payment);
    return its.again ? [payment] : [];
  });
  await world.happened(again.flat());
  await world.over();
  return payments;
}

async function decideAll(payment: string, { choice }: History, records: Records, deps: Deps): Promise<void> {
  const open = await records.rows<{ id: string }>(
    `select r.id from review_items r join adjustments a on a.id = r.subject
     where r.state = 'open' and r.kind ~ '_after_note$' and a.payment_intent = $1 order by r.id`,
    [payment],
  );
  for (const { id } of open) {
    const decide = (name: string) =>
      decideReview(Number(id), { choice: name, actor: 'test', reason: 'as the history says' }, deps);
    await decide(choice).catch((error: Error) => {
      if (!error.message.includes("less than Stripe's smallest charge")) throw error;
      return decide('keep_note');
    });
  }
}

/** Everything that is left of a payment, without what must differ: ids, numbers and times. */
async function finalState(books: PaymentBooks, records: Records): Promise<object> {
  const { payment, invoice, reversals, notes, refunds, disputes, kept } = books;
  const causes = [...refunds.toReversed(), ...disputes.toReversed()].map(({ id }) => id);
  const invoices = [invoice, ...reversals.toReversed()].map((each) => each?.id);
  const decided = await records.rows<{ id: string; status: string; decision: string }>(
    'select id, status, decision from adjustments where payment_intent = $1',
    [payment],
  );
  const { disputed } = await records.row<{ disputed: boolean }>(
    'select disputed_since is not null as disputed from payments where payment_intent = $1',
    [payment],
  );
  const of = (id: string) => causes.indexOf(id);
  return {
    kept,
    disputed,
    invoice: invoice && `${invoice.total} ${invoice.currency} ${invoice.status}`,
    reversals: reversals.map(({ total }) => total).sort(),
    notes: notes
      .map((note) => ({
        for: of(adjustmentOf(note)),
        on: invoices.indexOf(idOf(note.invoice)),
        total: note.total,
        linked: note.refunds.length > 0,
        reason: note.reason,
      }))
      .sort((a, b) => a.for - b.for),
    adjustments: decided.map(({ id, status, decision }) => `${of(id)} ${status} ${decision}`).sort(),
  };
}

/** What a person keeps, and what needs a note by hand. */
async function exceptions({ records }: World): Promise<BalanceOptions> {
  const about = async (condition: string) => {
    const rows = await records.rows<{ subject: string }>(`select subject from review_items where ${condition}`);
    return rows.map(({ subject }) => subject);
  };
  return {
    standing: await about(`decision = 'keep_note' or (state = 'open' and kind ~ '_after_note$')`),
    undocumented: await about(`kind in ('credit_note_refused', 'adjustment_not_covered') and state = 'open'`),
  };
}

test.each(Array.from({ length: depth }, (_, batch) => batch + 1))(
  `${HISTORIES} random histories, batch %i of ${depth}: shuffled, doubled, with crashes and lost answers, they end as in order`,
  async () => {
    const lives = fc.sample(history, propertyRun(HISTORIES));
    const began = performance.now();
    const [inOrder, asItComes] = await Promise.all([live(ordered, lives), live(shuffled, lives)]);
    const [expected, found] = await Promise.all([
      expectBooksBalance(ordered.side, ordered.records, inOrder, await exceptions(ordered)),
      expectBooksBalance(shuffled.side, shuffled.records, asItComes, await exceptions(shuffled)),
    ]);
    for (const [position, its] of lives.entries()) {
      const [one, other] = [expected[position], found[position]];
      if (!one || !other) throw new Error('Bug: a history without books');
      expect(
        await finalState(other, shuffled.records),
        JSON.stringify({ history: its, payment: other.payment }),
      ).toEqual(await finalState(one, ordered.records));
    }
    counted.histories += lives.length;
    counted.notes += found.flatMap(({ notes }) => notes).length;
    counted.reversals += found.flatMap(({ reversals }) => reversals).length;
    const [asked] = await shuffled.records.rows<{ n: number }>('select count(*)::int as n from review_items');
    const [sent] = await shuffled.records.rows<{ n: number }>('select count(*)::int as n from webhook_requests');
    Object.assign(counted, { questions: asked?.n, deliveries: sent?.n });
    console.log(`${((performance.now() - began) / 1_000).toFixed(1)} s; so far ${JSON.stringify(counted)}`);
  },
  300_000,
);
