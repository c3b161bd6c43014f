import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectBooksBalance } from '../../support/books-balance.ts';
import { answerOf } from '../../support/command.ts';
import { until } from '../../support/eventually.ts';
import { untilSettled } from '../../support/one-invoice.ts';
import { payDirectly } from '../../support/purchases.ts';
import { eventRecords, openReviews } from '../../support/records.ts';
import { startStory } from '../../support/story.ts';
import { dispute, moveDispute, refund, sendEvent, settledDown, untilDecided } from '../../support/taken-back.ts';

/** What is taken back of a payment that has no invoice: on record with the reason, and without a note. */
const folder = mkdtempSync(join(tmpdir(), 'quittance-rules-'));
function rulesFile(name: string, rules: object[]): string {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify({ rules, otherwise: 'invoice' }));
  return file;
}
const marked = { name: 'marked by the shop', action: 'skip', when: { metadata: { invoice: 'no' } } };
const large = { name: 'from 500 euros on', action: 'review', when: { amount: { from: 50_000 } } };

const story = await startStory({ env: { ELIGIBILITY_RULES: rulesFile('strict', [marked, large]) } });
const { side, records, settings } = story;

async function payment(intent: string) {
  return records.row<{ verdict: string; disputed_since: Date | null }>(
    'select verdict, disputed_since from payments where payment_intent = $1',
    [intent],
  );
}

test('a refund of a payment that was never eligible is recorded with the reason, and leaves no note', async () => {
  const skipped = await payDirectly(side, { metadata: { invoice: 'no' } });
  await untilSettled(records, [skipped]);
  const re = await refund(side, skipped, { amount: 900 });
  expect(await untilDecided(records, re, 'none')).toMatchObject({
    status: 'succeeded',
    amount: 900,
    reason: 'the payment was never invoiced: marked by the shop',
  });
  await settledDown(story);
  const events = (await eventRecords(records)).filter(
    ({ payment_intent: of, type }) => of === skipped && type.includes('refund'),
  );
  expect(events.map(({ outcome }) => outcome)).toEqual(events.map(() => 'ignored'));
  expect((await side.stripe.creditNotes.list()).data).toEqual([]);
});

test('also when the refund comes first: its event alone tells what became of the payment', async () => {
  await side.control('POST', '/_sim/webhooks', { paused: true });
  const skipped = await payDirectly(side, { metadata: { invoice: 'no' } });
  const re = await refund(side, skipped);
  await sendEvent(side, 'charge.refunded', await chargeOf(skipped));
  await untilDecided(records, re, 'none');
  expect(await payment(skipped)).toMatchObject({ verdict: 'skip' });
  await side.control('POST', '/_sim/webhooks', { paused: false });
  await settledDown(story);
});

async function chargeOf(intent: string): Promise<string> {
  const { latest_charge: charge } = await side.stripe.paymentIntents.retrieve(intent);
  return typeof charge === 'string' ? charge : (charge?.id ?? '');
}

test('its dispute flags it all the same, and leaves nothing when it is lost', async () => {
  const skipped = await payDirectly(side, { metadata: { invoice: 'no' } });
  const du = await dispute(side, skipped);
  await untilDecided(records, du, 'wait');
  expect((await payment(skipped)).disputed_since).not.toBeNull();
  await moveDispute(side, du, 'lost');
  await untilDecided(records, du, 'none');
  await settledDown(story);
  expect((await payment(skipped)).disputed_since).toBeNull();
});

test('while a person is asked about the payment its refund waits; decided, it gets invoice and note', async () => {
  const parked = await payDirectly(side, { amount: 60_000 });
  const du = await dispute(side, parked, { status: 'warning_needs_response' });
  const re = await refund(side, parked, { amount: 10_000 });
  expect(await untilDecided(records, re, 'wait')).toMatchObject({
    reason: expect.stringContaining('the payment waits for a person'),
  });
  await settledDown(story);
  expect(await payment(parked)).toMatchObject({ verdict: 'review', disputed_since: expect.any(Date) });
  expect(await openReviews(records), 'all of it is one question').toMatchObject([{ kind: 'eligibility_unclear' }]);

  await moveDispute(side, du, 'warning_closed');
  await settledDown(story);
  const lenient = { ...settings, ELIGIBILITY_RULES: rulesFile('lenient', [marked]) };
  const words = ['reconsider', parked, '--reason', 'the shop says that it is a plain sale'];
  expect(await answerOf(words, lenient)).toMatch(/processed: .*credit note \S+-CN-01/);
  expect(await untilDecided(records, re, 'note')).toMatchObject({ status: 'succeeded' });
  await expectBooksBalance(side, records, [parked]);
  await until(async () => (await openReviews(records)).length === 0);
});
