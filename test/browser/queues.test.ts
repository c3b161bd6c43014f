import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { releaseAfterFile } from '../support/clean-up.ts';
import { until } from '../support/eventually.ts';
import { untilSettled } from '../support/one-invoice.ts';
import { payDirectly } from '../support/purchases.ts';
import { describeInBrowser, shoot } from './chromium.ts';
import { openShop } from './shop.ts';
import { go, signedIn } from './staff.ts';

const shop = await openShop();
const { side, records, redis } = shop.story;
const connection = new Redis(redis.url);
const queue = new Queue('invoicing', { connection, prefix: 'quittance' });
releaseAfterFile(async () => {
  await queue.close();
  connection.disconnect();
});

let payment = '';

/** A payment whose jobs have used up their attempts, because a table was away; it is back now. */
beforeAll(async () => {
  await records.rows('alter table payment_decisions rename to payment_decisions_away');
  payment = await payDirectly(side);
  await until(
    async () => {
      for (const job of await queue.getDelayed()) await job.promote().catch(() => undefined); // hours of waiting, skipped
      return (
        (await queue.getFailedCount()) > 0 && (await queue.getJobCountByTypes('active', 'waiting', 'delayed')) === 0
      );
    },
    { timeout: 60_000, interval: 10, what: 'the jobs have failed for good' },
  );
  await records.rows('alter table payment_decisions_away rename to payment_decisions');
}, 300_000);

async function toFailed(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'invoicing' }).first().click();
  await page.getByRole('link', { name: /^failed/i }).click();
  await page
    .getByRole('link', { name: /^evt_|charge|payment_intent/ })
    .first()
    .waitFor();
}

async function confirmed(page: Page): Promise<number> {
  const answered = page.waitForResponse((answer) => answer.request().method() === 'PUT');
  await page.getByRole('button', { name: 'Confirm' }).click();
  return (await answered).status();
}

describeInBrowser('Bull Board under our content policy', () => {
  // It asks the browser to load ahead what may be needed, and the browser remarks that it was not.
  const remark = /was preloaded using link preload but not used/;

  test('shows a viewer the failed jobs, without a button to change them', async () => {
    const { page } = await signedIn(shop, 'viewer', { expected: remark });
    await go(page, shop, '/queues');
    await toFailed(page);
    expect(await page.getByRole('button', { name: /retry|clean|promote|pause/i }).count()).toBe(0);
    await shoot(page, 'queues for a viewer');
    expect(await queue.getFailedCount()).toBeGreaterThan(0);
  });

  test('says why it does not pause a queue for an operator', async () => {
    const { page } = await signedIn(shop, 'operator', { expected: new RegExp(`${remark.source}|403`) });
    await go(page, shop, '/queues');
    await toFailed(page);
    await page.locator('button[class*=trigger-]').last().click(); // three dots without a name
    await page.getByRole('menuitem', { name: /pause/i }).click();
    expect(await confirmed(page)).toBe(403);
    await page.getByText('Only retry, promote and clean are done here.').waitFor();
    await shoot(page, 'queues that are not paused');
    expect(await queue.isPaused()).toBe(false);
  });

  test('loads whole, without an error in the console, and an operator’s retry does the work', async () => {
    const { page } = await signedIn(shop, 'operator', { expected: remark });
    await go(page, shop, '/queues');
    await toFailed(page);
    await page.getByRole('button', { name: 'Retry all' }).click();
    expect(await confirmed(page)).toBe(200);
    await untilSettled(records, [payment]);
    expect(await queue.getFailedCount()).toBe(0);
    await page.getByRole('banner').getByRole('button').last().click();
    await shoot(page, 'queues for an operator');
    await page.getByRole('menuitem', { name: 'Console' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
  });

  test('is not needed to see that somebody holds a queue: the overview says so, with what to type', async () => {
    const idle = new Queue('subscriptions', { connection, prefix: 'quittance' });
    await idle.pause();
    const { page } = await signedIn(shop, 'operator');
    await go(page, shop, '');
    await page.getByRole('alert').getByText('quittance queue resume subscriptions').waitFor();
    await shoot(page, 'overview with a paused queue');
    await idle.resume();
    await page.reload();
    expect(await page.getByRole('alert').count()).toBe(0);
    await idle.close();
  });
});
