import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** What people do and see on the invoice page and on the payment page behind it. */

export type Choice =
  | 'Card that works'
  | 'Card that is declined'
  | 'Card with insufficient funds'
  | 'Bank debit that is paid';

/** From the invoice to Stripe's page. */
export async function pressPay(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Pay/ }).click();
  await page.getByRole('heading', { name: 'Your order' }).waitFor();
}

export async function tick(page: Page, extra: string): Promise<void> {
  await page.getByRole('checkbox', { name: extra }).check();
}

/** On Stripe's page. */
export async function payWith(page: Page, choice: Choice): Promise<void> {
  await page.getByLabel('Full name').fill('Gwen Green');
  await page.getByRole('button', { name: choice }).click();
}

/** What the panel beside the invoice says first, such as `Amount due`, and the state on the paper. */
export async function expectState(page: Page, heading: string, chip: string): Promise<void> {
  expect(await page.getByRole('complementary').getByRole('heading').textContent()).toBe(heading);
  expect(await page.getByRole('article').locator('.chip').textContent()).toBe(chip);
}

/** The large amount of the panel. */
export async function amountOn(page: Page): Promise<string | null> {
  return page.getByRole('complementary').locator('.amount').textContent();
}

export async function expectPaid(page: Page, amount: string): Promise<void> {
  await expectState(page, 'Paid', 'Paid');
  expect(await amountOn(page)).toBe(amount);
  expect(await page.getByRole('button', { name: /^Pay/ }).count()).toBe(0);
}

/** Nothing has to be pushed sideways to be read. */
export async function expectNoSidewaysScrolling(page: Page): Promise<void> {
  const [content, window] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  expect(content, 'width of the page').toBeLessThanOrEqual(window ?? 0);
}
