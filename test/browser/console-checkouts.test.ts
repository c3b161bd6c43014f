import { beforeAll, expect, test } from 'vitest';
import { decideSessions, walkSessions } from '../../src/billing/checkouts/follow-sessions.ts';
import { rows } from '../../src/platform/db.ts';
import { untilEventsDone } from '../support/one-invoice.ts';
import { buy, openCheckout } from '../support/purchases.ts';
import { expectGoodLooks } from './accessible.ts';
import { describeInBrowser } from './chromium.ts';
import { expectNoSidewaysScrolling } from './invoice-pages.ts';
import { openShop } from './shop.ts';
import { go, rowsOf, signedIn } from './staff.ts';

/** The room of checkouts, as operators see it. */
const shop = await openShop();
const { side, records } = shop.story;
const { deps } = shop;

beforeAll(async () => {
  await buy(side);
  const declined = await openCheckout(side);
  await side.control('POST', '/_sim/checkout/pay', {
    session: declined.id,
    choice: 'insufficient',
    email: 'ada@example.com',
  });
  await side.stripe.checkout.sessions.expire(declined.id);
  await openCheckout(side);
  await side.control('POST', '/_sim/webhooks/flush', { timeout_ms: 10_000 });
  await untilEventsDone(records);
  await rows(deps.db, `UPDATE checkout_walk SET due_at = now(), counted_from = now() - interval '1 hour'`);
  await walkSessions(deps);
  await decideSessions(deps.db);
}, 60_000);

describeInBrowser('the room of checkouts', () => {
  test('is reached from the overview, and says what its figures mean', async () => {
    const { page } = await signedIn(shop, 'viewer');
    await go(page, shop, '');
    const card = page.getByRole('link', { name: 'Checkout success' });
    expect(await card.textContent()).toBe('Checkout success50.0 %of the latest 2 in 7 days; 98 % are wanted');
    await card.click();
    await page.getByRole('heading', { name: 'Checkouts', level: 1 }).waitFor();
    const [month] = await rowsOf(page, /by month/);
    expect(month?.slice(1)).toEqual(['50.0 %', '1', '1', '33.3 %', '3', '1', '1', '0']);
    expect((await rowsOf(page, /by reason/))[0]).toEqual(['declined: insufficient_funds', '1']);
    expect(await page.getByText('Success: checkouts that were paid').count()).toBe(1);
    await page.getByRole('link', { name: 'Succeeded' }).click();
    await page.locator('table').last().getByRole('link').click();
    await page.getByRole('heading', { name: /^Payment/ }).waitFor();
  });

  test('is readable and accessible in light and dark and on a phone', async () => {
    const { page } = await signedIn(shop, 'operator');
    await go(page, shop, '/checkouts');
    await expectNoSidewaysScrolling(page);
    await expectGoodLooks(page, 'room checkouts');
  });
});
