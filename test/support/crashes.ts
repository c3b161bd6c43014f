import { expect } from 'vitest';
import type { Crash } from './crash-plan.ts';
import { crashAll } from './crashing-worker.ts';
import { until } from './eventually.ts';
import { type BooksOptions, expectOneInvoiceEach, untilEventsDone, untilSettled } from './one-invoice.ts';
import { type Settings, startWorker } from './processes.ts';
import { seededCrashes } from './property.ts';
import { buy } from './purchases.ts';
import { endLeases, openReviews } from './records.ts';
import type { Story } from './story.ts';

/** Payments whose workers are killed, and what takes them up again. Needs a story without workers. */

/** Payments that one worker has in flight when it is killed. */
export const AT_ONCE = 30;

export type Victim = { payment: string; event: string };

/** Payments whose events are stored, with nobody who works on them. */
export async function victims({ side, records }: Story, count: number, customer: boolean): Promise<Victim[]> {
  const payments = await Promise.all(
    Array.from({ length: count }, async (_, number) => {
      const person = { name: `Buyer ${number}`, email: `buyer${number}@example.com` };
      return buy(side, customer ? { customer: (await side.stripe.customers.create(person)).id } : {}, person);
    }),
  );
  const stored = await until(async () => {
    const rows = await records.rows<{ id: string; object_id: string }>(
      `select id, object_id from stripe_events where type = 'payment_intent.succeeded' and object_id = any($1)`,
      [payments],
    );
    return rows.length === count && rows;
  });
  return stored.map(({ id, object_id: payment }) => ({ payment, event: id }));
}

/** The points that a payment passes when nothing happens to it. */
export async function pointsOf(story: Story, { event }: Victim): Promise<string[]> {
  const [line] = await crashAll([{ event, crash: { at: 1_000, side: 'before' } }], story.settings);
  return line?.points ?? [];
}

/** Both sides of each point, from the first of that name on. */
export function crashesAt(points: readonly string[], from = points[0]): { at: number; side: Crash['side'] }[] {
  const first = points.indexOf(from ?? '');
  expect(first, `one of the points is ${from}`).toBeGreaterThanOrEqual(0);
  const numbers = points.map((_, index) => index + 1).slice(first);
  return numbers.flatMap((at) => (['before', 'after'] as const).map((side) => ({ at, side })));
}

/** Kills once for each crash, and proves that it happened there. @returns what was struck */
export async function crashEach(story: Story, crashes: readonly Crash[], customer: boolean): Promise<Victim[]> {
  const struck = await victims(story, crashes.length, customer);
  const plan = struck.flatMap(({ event }, position) => {
    const crash = crashes[position];
    return crash ? [{ event, crash }] : [];
  });
  for (let first = 0; first < plan.length; first += AT_ONCE) {
    const batch = plan.slice(first, first + AT_ONCE);
    const lines = await crashAll(batch, story.settings);
    for (const [position, { crash }] of batch.entries()) {
      expect(lines[position]?.died).toMatch(new RegExp(`^${crash.side} ${crash.at ?? '\\d+'} `));
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
  await startWorker([], { ...settings, ...env });
  const payments = all.map(({ payment }) => payment);
  await untilSettled(records, payments, 40_000);
  await untilEventsDone(records, 40_000);
  await expectOneInvoiceEach(side, records, payments, options);
  expect(await openReviews(records)).toEqual([]);
  expect((await side.stripe.events.list({ type: 'invoice.deleted' })).data).toEqual([]);
}
