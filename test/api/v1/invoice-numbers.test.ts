import fc from 'fast-check';
import { expect, test } from 'vitest';
import { issueInvoice } from '../../../src/billing/own-invoices/manage-invoice.ts';
import { rows } from '../../../src/platform/db.ts';
import { apiClient } from '../../support/api-client.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { draftDeps } from '../../support/draft-deps.ts';
import { propertyRun } from '../../support/property.ts';
import { invoiceBody, recordedDraft } from '../../support/recorded-invoices.ts';
import { startApi } from '../../support/served.ts';

/** Numbers of a series: 1, 2, 3 … without a gap and without a double, whatever happens at the same time. */
const { deps, settings } = await billingUnderTest();
const { db } = deps;
const api = await startApi({ ...settings, STRIPE_WEBHOOK_SECRETS: 'whsec_test' });

const numbersOf = async (series: string) =>
  (
    await rows<{ number: string }>(
      db,
      'SELECT number FROM invoices WHERE series = ? AND number IS NOT NULL ORDER BY number',
      [series],
    )
  ).map(({ number }) => number);
const firstNumbers = (series: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${series}-${String(n + 1).padStart(5, '0')}`);

test('twenty invoices issued at the same moment over two apis get twenty numbers in a row', async () => {
  const other = await startApi({ ...settings, STRIPE_WEBHOOK_SECRETS: 'whsec_test' });
  const clients = [await apiClient(db, api.url), await apiClient(db, other.url)] as const;
  const drafts = await Promise.all(Array.from({ length: 20 }, () => recordedDraft(db, { series: 'RACE' })));
  const answers = await Promise.all(
    drafts.map(({ id }, n) => clients[n % 2 === 0 ? 0 : 1].ask('POST', `/v1/invoices/${id}/issue`, {})),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
  expect(await numbersOf('RACE')).toEqual(firstNumbers('RACE', 20));
});

test('an invoice that is created and issued but refused in the same request takes no number along', async () => {
  const client = await apiClient(db, api.url);
  const series = 'REFUSED';
  const good = { ...invoiceBody({ series }), issue: true, mail: true };
  const bad = { ...good, customer_email: null };
  const answers = await Promise.all(
    [good, bad, good, bad, bad, good].map((body) => client.ask('POST', '/v1/invoices', body)),
  );
  expect(answers.map(({ status }) => status)).toEqual([201, 422, 201, 422, 422, 201]);
  expect(await numbersOf(series)).toEqual(firstNumbers(series, 3));
});

test('transactions that are rolled back after they got their number leave no gap', async () => {
  let round = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ series: fc.constantFrom('A', 'B'), rolledBack: fc.boolean() }), {
        minLength: 1,
        maxLength: 20,
      }),
      async (attempts) => {
        round += 1;
        const seriesOf = (name: string) => `P${round}${name}`;
        await Promise.all(
          attempts.map(async ({ series, rolledBack }) => {
            const { id } = await recordedDraft(db, { series: seriesOf(series) });
            const work = db.transaction(async (trx) => {
              await issueInvoice(id, { mail: true }, 'test', draftDeps(trx));
              if (rolledBack) throw new Error('rolled back');
            });
            await (rolledBack ? expect(work).rejects.toThrow('rolled back') : work);
          }),
        );
        for (const name of ['A', 'B']) {
          const kept = attempts.filter(({ series, rolledBack }) => series === name && !rolledBack).length;
          expect(await numbersOf(seriesOf(name))).toEqual(firstNumbers(seriesOf(name), kept));
        }
        const mails = await rows<{ n: number }>(
          db,
          `SELECT count(*) AS n FROM messages m JOIN invoices i ON m.data->>'invoice' = i.id WHERE i.series LIKE ?`,
          [`P${round}_`],
        );
        expect(mails[0]?.n).toBe(attempts.filter(({ rolledBack }) => !rolledBack).length);
      },
    ),
    propertyRun(12),
  );
});
