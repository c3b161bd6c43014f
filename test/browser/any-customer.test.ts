import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { until } from '../support/eventually.ts';
import { describeInBrowser, shoot } from './chromium.ts';
import { expectNoSidewaysScrolling, expectPaid, expectState, payWith, pressPay, tick } from './invoice-pages.ts';
import { openShop } from './shop.ts';

const shop = await openShop();

/** Tab by Tab, as somebody without a mouse; throws when it is never reached. */
async function tabTo(page: Page, role: 'button' | 'checkbox' | 'textbox', name: string): Promise<void> {
  const target = page.getByRole(role, { name });
  for (let presses = 0; presses < 20; presses++) {
    await page.keyboard.press('Tab');
    const [reached, outline] = await target.evaluate((element) => [
      element === document.activeElement,
      getComputedStyle(element).outlineStyle,
    ]);
    if (!reached) continue;
    expect(outline, `the focus on ${name} can be seen`).toBe('solid');
    return;
  }
  throw new Error(`${role} ${name} is not reached with the Tab key`);
}

/** Everything a customer does, with nothing but clicks and typing. */
async function seeTickDeclineAndPay(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await tick(page, 'Video recording of the day');
  await pressPay(page);
  await payWith(page, 'Card that is declined');
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('declined');
  await page.getByRole('link', { name: 'Leave without paying' }).click();
  await expectState(page, 'Amount due', 'Unpaid');
  // What was ticked is still there, with what it comes to.
  expect(await page.getByRole('checkbox').isChecked()).toBe(true);
  expect(await page.getByText('With the extras you ticked before').textContent()).toContain('EUR 324.00');
  await pressPay(page);
  await payWith(page, 'Card that works');
  await expectPaid(page, 'EUR 324.00');
}

describeInBrowser('every customer can pay', () => {
  test('with the keyboard alone: tick an extra, press Pay, type, pay', async () => {
    const invoice = await shop.issued({ customer_email: null });
    const { page } = await shop.customer();
    await page.goto(invoice.url);
    await tabTo(page, 'checkbox', 'Video recording of the day');
    await page.keyboard.press('Space');
    await tabTo(page, 'button', 'Pay by card');
    await shoot(page, 'invoice keyboard focus');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your order' }).waitFor();
    await tabTo(page, 'textbox', 'Email');
    await page.keyboard.type('gwen@example.com');
    await tabTo(page, 'textbox', 'Full name');
    await page.keyboard.type('Gwen Green');
    await tabTo(page, 'button', 'Card that works');
    await page.keyboard.press('Enter');
    await page.waitForURL(invoice.url);
    await expectPaid(page, 'EUR 324.00');
    await until(async () => (await shop.mailbox.mails()).some(({ to }) => to === 'gwen@example.com'), {
      what: 'the receipt goes to the address that was typed',
    });
  });

  test('without JavaScript: decline, what was ticked is kept, success', async () => {
    const invoice = await shop.issued();
    const { page } = await shop.customer({ javaScriptEnabled: false });
    await seeTickDeclineAndPay(page, invoice.url);
    expect(await shop.log(invoice.id)).toEqual(['session_opened', 'attempt_failed', 'paid']);
  });

  test('on a phone, where no page has to be pushed sideways', async () => {
    const invoice = await shop.issued();
    const { page } = await shop.customer({
      viewport: { width: 390, height: 844 },
      isMobile: true,
      hasTouch: true,
      colorScheme: 'dark',
    });
    await page.goto(invoice.url);
    await expectNoSidewaysScrolling(page);
    // What is due and how to pay it come before the document.
    const button = await page.getByRole('button').boundingBox();
    expect(button && button.y + button.height).toBeLessThan(844);
    expect(button?.height).toBeGreaterThanOrEqual(44);
    await page.getByText('Video recording of the day').tap();
    await page.getByRole('button').tap();
    await page.getByRole('heading', { name: 'Your order' }).waitFor();
    await expectNoSidewaysScrolling(page);
    await payWith(page, 'Card that works');
    await expectPaid(page, 'EUR 324.00');
    await expectNoSidewaysScrolling(page);
  });

  test('when nothing is ticked of an invoice that holds only extras, the page says what to do', async () => {
    const donation = { description: 'Donation to the kiln fund', unit_amount: 2_500, optional: true };
    const invoice = await shop.issued({ lines: [donation] });
    const { page } = await shop.customer({ expected: /422/ });
    await page.goto(invoice.url);
    await page.getByRole('button', { name: 'Pay by card' }).click();
    expect(await page.getByRole('alert').textContent()).toBe('Please tick what you would like to pay for.');
    await shoot(page, 'invoice nothing ticked');
    await tick(page, 'Donation to the kiln fund');
    await pressPay(page);
    await payWith(page, 'Card that works');
    await expectPaid(page, 'EUR 25.00');
  });

  test('after Stripe was away: the page says that nothing was charged, and keeps what was ticked', async () => {
    const invoice = await shop.issued();
    const { page } = await shop.customer({ expected: /503/ });
    await page.goto(invoice.url);
    await tick(page, 'Video recording of the day');
    await shop.story.side.fault({ kind: 'error_before', path: '/v1/checkout/sessions', status: 503 });
    await page.getByRole('button', { name: 'Pay by card' }).click();
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('this try has charged nothing');
    expect(await page.getByRole('checkbox').isChecked()).toBe(true);
    await shoot(page, 'invoice Stripe away');
    await shop.story.side.endFaults();
    await pressPay(page);
    await payWith(page, 'Card that works');
    await expectPaid(page, 'EUR 324.00');
  });

  test('with 3-D Secure: a failed approval can be repeated, an approved one pays', async () => {
    const invoice = await shop.issued();
    const { page } = await shop.customer();
    await page.goto(invoice.url);
    await pressPay(page);
    await page.getByLabel('Full name').fill('Gwen Green');
    await page.getByRole('button', { name: '3-D Secure' }).click();
    await page.getByRole('button', { name: 'Fail the authentication' }).click();
    await page.getByRole('heading', { name: 'Your order' }).waitFor();
    await page.getByLabel('Full name').fill('Gwen Green');
    await page.getByRole('button', { name: '3-D Secure' }).click();
    await page.getByRole('button', { name: 'Approve the payment' }).click();
    await expectPaid(page, 'EUR 288.00');
  });
});
