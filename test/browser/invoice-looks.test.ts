import { beforeAll, expect, test } from 'vitest';
import { expectGoodLooks } from './accessible.ts';
import { describeInBrowser, shoot } from './chromium.ts';
import { expectNoSidewaysScrolling, expectState } from './invoice-pages.ts';
import { invoicesInEveryState, type ShownState } from './invoice-states.ts';
import { openShop } from './shop.ts';

const shop = await openShop();
let states: Record<string, ShownState> = {};

beforeAll(async () => {
  states = await invoicesInEveryState(shop);
});

/** A4 at 96 dots per inch, without its margins. */
const paper = { width: 673, height: 987 };

describeInBrowser('an invoice in every state', () => {
  test('is readable and accessible in light and dark and on a phone', async () => {
    const { page } = await shop.customer();
    for (const [state, { invoice, heading, chip }] of Object.entries(states)) {
      await page.goto(invoice.url);
      await expectState(page, heading, chip);
      await expectNoSidewaysScrolling(page);
      await expectGoodLooks(page, `invoice ${state}`);
    }
  });

  test('on paper is the document alone, with the address at which it can still be paid', async () => {
    const { page } = await shop.customer({ viewport: paper });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    for (const [state, { invoice, chip }] of Object.entries(states)) {
      await page.goto(invoice.url);
      await shoot(page, `invoice ${state} print`);
      expect(await page.getByRole('complementary').isVisible()).toBe(false);
      expect(await page.getByText(invoice.url).isVisible()).toBe(['Unpaid', 'Overdue'].includes(chip));
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(ground, 'no ink for the ground').toBe('rgba(0, 0, 0, 0)');
    }
  });
});
