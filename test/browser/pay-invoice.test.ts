import { expect, test } from 'vitest';
import { until } from '../support/eventually.ts';
import { describeInBrowser, shoot } from './chromium.ts';
import { amountOn, expectPaid, expectState, payWith, pressPay, tick } from './invoice-pages.ts';
import { openShop } from './shop.ts';

const shop = await openShop();
const { side } = shop.story;

describeInBrowser('a customer pays an invoice', () => {
  test('sees it, ticks an extra, pays, comes back to a paid invoice and gets one receipt', async () => {
    const invoice = await shop.issued();
    const { page } = await shop.customer();
    await page.goto(invoice.url);
    await expectState(page, 'Amount due', 'Unpaid');
    expect(await amountOn(page)).toBe('EUR 288.00');
    await tick(page, 'Video recording of the day');
    await pressPay(page);
    expect(await page.getByText('324.00').count()).toBeGreaterThan(0);
    await shoot(page, 'payment page');
    await payWith(page, 'Card that works');
    expect(page.url()).toBe(invoice.url);
    await expectPaid(page, 'EUR 324.00');
    expect(await page.getByRole('article').getByText('Video recording of the day').isVisible()).toBe(true);

    const receipts = () =>
      shop.mailbox.mails().then((mails) => mails.filter(({ subject }) => subject.includes(invoice.number)));
    await until(async () => (await receipts()).length > 0, { what: 'the receipt has come' });
    expect((await receipts()).map(({ subject }) => subject)).toEqual([
      `Receipt for invoice ${invoice.number} from Lindqvist Ceramics`,
    ]);
  });

  test('before any webhook has come, the way back alone shows it paid; the webhooks change nothing more', async () => {
    const invoice = await shop.issued();
    const { page } = await shop.customer();
    await shop.withoutWebhooks(async () => {
      await page.goto(invoice.url);
      await pressPay(page);
      await payWith(page, 'Card that works');
      await expectPaid(page, 'EUR 288.00');
      expect((await shop.now(invoice.id)).status).toBe('paid');
    });
    await side.control('POST', '/_sim/webhooks/flush', {});
    await page.reload();
    await expectPaid(page, 'EUR 288.00');
    expect(await shop.log(invoice.id)).toEqual(['session_opened', 'paid']);
  });

  test('closes the browser before coming back: the webhook makes it paid', async () => {
    const invoice = await shop.issued();
    const { page, leave } = await shop.customer();
    await page.goto(invoice.url);
    await pressPay(page);
    const sentBack: (string | undefined)[] = [];
    await page.route(/\/c\/pay\//, async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      const answer = await route.fetch({ maxRedirects: 0 });
      sentBack.push(answer.headers().location);
      await route.abort();
    });
    await payWith(page, 'Card that works');
    await until(() => sentBack.length > 0, { what: 'the payment is given' });
    await leave();
    expect(sentBack).toEqual([expect.stringContaining(`${invoice.url}/return?session_id=cs_`)]);
    await shop.untilPaid(invoice.id);

    const later = await shop.customer();
    await later.page.goto(invoice.url);
    await expectPaid(later.page, 'EUR 288.00');
    expect(await shop.log(invoice.id)).toEqual(['session_opened', 'paid']);
  });

  test('a declined card is told in plain words, on Stripe’s page and back on the invoice; the next one works', async () => {
    const invoice = await shop.issued();
    const { page } = await shop.customer();
    await page.goto(invoice.url);
    await pressPay(page);
    await payWith(page, 'Card with insufficient funds');
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('insufficient funds');
    await until(async () => (await shop.log(invoice.id)).includes('attempt_failed'), { what: 'the log tells of it' });
    await page.getByRole('link', { name: 'Leave without paying' }).click();
    await expectState(page, 'Amount due', 'Unpaid');
    expect(await page.getByRole('complementary').textContent()).toContain('The card has insufficient funds.');
    await shoot(page, 'invoice after a declined card');

    await pressPay(page);
    await payWith(page, 'Card that works');
    await expectPaid(page, 'EUR 288.00');
    expect(await page.content()).not.toContain('insufficient');
    expect(await shop.log(invoice.id)).toEqual(['session_opened', 'attempt_failed', 'paid']);
  });

  test('a bank debit is on its way until the bank has confirmed it, then it is paid', async () => {
    const invoice = await shop.issued();
    const { page } = await shop.customer();
    await page.goto(invoice.url);
    await pressPay(page);
    await payWith(page, 'Bank debit that is paid');
    await expectState(page, 'Payment on its way', 'Processing');
    expect(await page.getByRole('button').count()).toBe(0);
    await shoot(page, 'invoice processing');
    await side.control('POST', '/_sim/payments/settle', {});
    await shop.untilPaid(invoice.id);
    await page.reload();
    await expectPaid(page, 'EUR 288.00');
    expect(await shop.log(invoice.id)).toEqual(['session_opened', 'processing', 'paid']);
  });

  test('reloading the page of return and going back after paying neither pays nor offers it again', async () => {
    const invoice = await shop.issued();
    const { page } = await shop.customer();
    await page.goto(invoice.url);
    await pressPay(page);
    const returned = page.waitForRequest(/\/return\?/);
    await payWith(page, 'Card that works');
    const address = (await returned).url();
    for (const _ of [1, 2]) {
      await page.goto(address);
      await expectPaid(page, 'EUR 288.00');
    }
    await page.reload();
    await expectPaid(page, 'EUR 288.00');
    // Back over the payment page to the invoice as it was: nothing that was kept may still offer to pay.
    await page.goBack();
    await page.goBack();
    await page.goBack();
    expect(await page.getByRole('button').count()).toBe(0);
    await page.goto(invoice.url);
    await expectPaid(page, 'EUR 288.00');
    expect(await shop.log(invoice.id)).toEqual(['session_opened', 'paid']);
    const { data } = await side.stripe.paymentIntents.list({ limit: 100 });
    expect(data.filter(({ metadata }) => metadata.quittance_invoice === invoice.id)).toHaveLength(1);
  });
});
