import { expect } from 'vitest';
import type { Crash } from './crash-plan.ts';
import { crashAll } from './crashing-worker.ts';
import { until } from './eventually.ts';
import { type BooksOptions, expectOneInvoiceEach, untilEventsDone, untilSettled } from './one-invoice.ts';
import { type Settings, startWorkerProcess } from './processes.ts';
import { seededCrashes } from './property.ts';
import { buy } from './purchases.ts';
import { endLeases, openReviews } from './records.ts';
import type { Story } from './story.ts';

/** Payments whose workers are killed, and what takes them up again. Needs a story without workers. */
export type Buyer = 'guest' | 'customer';

/** One payment that is going to be struck: by whom it is made, and where its worker dies. */
export type Planned = Crash & { buyer: Buyer };

export type Victim = { payment: string; event: string };

/** Payments that one worker has in flight when it is killed. */
const AT_ONCE = 60;
/** Far behind the last point: the payment goes through. */
const NEVER: Crash = { at: 1_000, side: 'before' };

/** Payments of these buyers, in their order, whose events are stored and with nobody who works on them. */
async function victims({ side, records }: Story, buyers: readonly Buyer[]): Promise<Victim[]> {
  const payments = await Promise.all(
    buyers.map(async (buyer, number) => {
      const person = { name: `Buyer ${number}`, email: `buyer${number}@example.com` };
      if (buyer === 'guest') return buy(side, {}, person);
      return buy(side, { customer: (await side.stripe.customers.create(person)).id });
    }),
  );
  const stored = await until(async () => {
    const rows = await records.rows<{ id: string; object_id: string }>(
      `select id, object_id from stripe_events where type = 'payment_intent.succeeded' and object_id = any($1)`,
      [payments],
    );
    return rows.length === payments.length && new Map(rows.map(({ id, object_id: payment }) => [payment, id]));
  });
  return payments.map((payment) => ({ payment, event: stored.get(payment) ?? '' }));
}

/** Lets one payment of each buyer through. @returns these payments, and the points that each has passed */
export async function walkThrough(story: Story, ...buyers: Buyer[]): Promise<{ models: Victim[]; points: string[][] }> {
  const models = await victims(story, buyers);
  const lines = await crashAll(
    models.map(({ event }) => ({ event, crash: NEVER })),
    story.settings,
  );
  return { models, points: lines.map((line) => line.points) };
}

/** Both sides of each point. */
export function everyPoint(buyer: Buyer, points: readonly string[] = []): Planned[] {
  expect(points.length, 'points to crash at').toBeGreaterThan(15);
  return points.flatMap((_, index) => bothSides({ at: index + 1, buyer }));
}

export function bothSides(point: Omit<Planned, 'side'>): Planned[] {
  return (['before', 'after'] as const).map((side) => ({ ...point, side }));
}

/** Kills once for each crash, and proves that it happened there. @returns what was struck */
export async function crashEach(story: Story, planned: readonly Planned[]): Promise<Victim[]> {
  const struck = await victims(
    story,
    planned.map(({ buyer }) => buyer),
  );
  const plan = struck.flatMap(({ event }, position) => {
    const crash = planned[position];
    return crash ? [{ event, crash }] : [];
  });
  for (let first = 0; first < plan.length; first += AT_ONCE) {
    const batch = plan.slice(first, first + AT_ONCE);
    const lines = await crashAll(batch, story.settings);
    for (const [position, { crash }] of batch.entries()) {
      const place = `^${crash.side} ${crash.at ?? '\\d+'} ${crash.what ?? ''}`;
      expect(lines[position]?.died).toMatch(new RegExp(place.replaceAll('{id}', '\\{id\\}')));
    }
  }
  return struck;
}

/** Kills some of them again while they are being resumed, wherever that is. @returns how many died again */
export async function crashAgain(story: Story, struck: readonly Victim[], points: number): Promise<number> {
  await endLeases(story.records);
  const unfinished = await story.records.rows<{ id: string }>(
    'select id from stripe_events where outcome is null and id = any($1) order by id',
    [struck.map(({ event }) => event)],
  );
  const crashes = seededCrashes(Math.min(unfinished.length, AT_ONCE), points);
  const plan = unfinished.flatMap(({ id: event }, position) => {
    const crash = crashes[position];
    return crash ? [{ event, crash }] : [];
  });
  const lines = await crashAll(plan, story.settings);
  return lines.filter(({ died }) => died !== undefined).length;
}

/** One worker takes up everything; then both sides must agree, and nothing may have been made and thrown away. */
export async function resumeAndCheck(
  story: Story,
  all: readonly Victim[],
  { env = {}, ...options }: BooksOptions & { env?: Settings } = {},
): Promise<void> {
  const { side, records, settings } = story;
  await endLeases(records);
  await startWorkerProcess([], { ...settings, ...env });
  const payments = all.map(({ payment }) => payment);
  await untilSettled(records, payments, 40_000);
  await untilEventsDone(records, 40_000);
  await expectOneInvoiceEach(side, records, payments, options);
  expect(await openReviews(records)).toEqual([]);
  expect((await side.stripe.events.list({ type: 'invoice.deleted' })).data).toEqual([]);
}
