import { expect, test } from 'vitest';
import { renewLink, voidInvoice } from '../../src/billing/own-invoices/manage-invoice.ts';
import { tokenOf } from '../../src/billing/own-invoices/public-link.ts';
import { createDraft } from '../support/created-drafts.ts';
import { until } from '../support/eventually.ts';
import { describeInBrowser, shoot } from './chromium.ts';
import { expectPaid, expectState, payWith, pressPay, tick } from './invoice-pages.ts';
import { openShop, workshop } from './shop.ts';

const shop = await openShop();
const { side, api } = shop.story;

async function sessionOf(invoice: string): Promise<string> {
  const { stripe_session: session } = await shop.story.records.row<{ stripe_session: string }>(
    'select stripe_session from checkout_attempts where invoice = $1',
    [invoice],
  );
  return session;
}

describeInBrowser('the way back proves nothing', () => {
  test('with the session of somebody else’s paid invoice, a made-up one or none, the invoice stays unpaid', async () => {
    const theirs = await shop.issued({ customer_name: 'Somebody Else' });
    const own = await shop.issued();
    const payer = await shop.customer();
    await payer.page.goto(theirs.url);
    await pressPay(payer.page);
    await payWith(payer.page, 'Card that works');
    await expectPaid(payer.page, 'EUR 288.00');

    const { page } = await shop.customer();
    const foreign = await sessionOf(theirs.id);
    const queries = [
      `?session_id=${foreign}`,
      `?session_id=${foreign}&session_id=${foreign}`,
      '?session_id=cs_test_madeUp0123456789',
      '?session_id={CHECKOUT_SESSION_ID}',
      '?session_id=%00&paid=true&amount=28800',
      '?session_id=',
      '',
    ];
    for (const query of queries) {
      await page.goto(`${own.url}/return${query}`);
      expect(page.url()).toBe(own.url);
      await expectState(page, 'Amount due', 'Unpaid');
      expect(await page.content()).not.toContain('Somebody Else');
    }
    expect(await shop.log(own.id)).toEqual([]);
    expect((await shop.now(own.id)).status).toBe('issued');
  });

  test('with the own session that was not paid, it stays unpaid', async () => {
    const invoice = await shop.issued();
    const { page } = await shop.customer();
    await page.goto(invoice.url);
    await pressPay(page);
    await page.goto(`${invoice.url}/return?session_id=${await sessionOf(invoice.id)}`);
    await expectState(page, 'Amount due', 'Unpaid');
  });
});

describeInBrowser('two tabs', () => {
  test('that press Pay at the same time come to one payment page; paid in one, the other can’t pay again', async () => {
    const invoice = await shop.issued();
    const { page: one, tab } = await shop.customer();
    const two = await tab();
    await Promise.all([one.goto(invoice.url), two.goto(invoice.url)]);
    await Promise.all([pressPay(one), pressPay(two)]);
    expect(one.url()).toBe(two.url());
    await payWith(one, 'Card that works');
    await expectPaid(one, 'EUR 288.00');
    await payWith(two, 'Card that works');
    await two.getByRole('heading', { name: 'This payment is complete' }).waitFor();
    await two.getByRole('link', { name: 'Back to the shop' }).click();
    await expectPaid(two, 'EUR 288.00');
    expect(await shop.log(invoice.id)).toEqual(['session_opened', 'paid']);
  });

  test('of which one was left before the other paid lead to the paid invoice, not to another payment', async () => {
    const invoice = await shop.issued();
    const { page: one, tab } = await shop.customer();
    const two = await tab();
    await Promise.all([one.goto(invoice.url), two.goto(invoice.url)]);
    await pressPay(one);
    await payWith(one, 'Card that works');
    await two.getByRole('button', { name: 'Pay by card' }).click();
    await expectPaid(two, 'EUR 288.00');
    expect(await shop.log(invoice.id)).toEqual(['session_opened', 'paid']);
  });

  test('with different extras: the later choice is what can be paid, the earlier page has expired', async () => {
    const invoice = await shop.issued();
    const { page: one, tab } = await shop.customer();
    const two = await tab();
    await Promise.all([one.goto(invoice.url), two.goto(invoice.url)]);
    await pressPay(one);
    await tick(two, 'Video recording of the day');
    await pressPay(two);
    await payWith(one, 'Card that works');
    await one.getByRole('heading', { name: 'This page has expired' }).waitFor();
    await payWith(two, 'Card that works');
    await expectPaid(two, 'EUR 324.00');
    expect((await shop.now(invoice.id)).paid_amount).toBe(32_400);
  });
});

describeInBrowser('an invoice that changes behind the customer’s back', () => {
  test('whose amount is another one when the payment comes is not paid: a person is asked, and nobody pays twice', async () => {
    const invoice = await shop.issued();
    const { page } = await shop.customer();
    await page.goto(invoice.url);
    await pressPay(page);
    await shop.story.records.rows('update invoice_lines set unit_amount = 99900 where invoice = $1 and not optional', [
      invoice.id,
    ]);
    await payWith(page, 'Card that works');
    await expectState(page, 'Payment being checked', 'Being checked');
    expect(await page.getByRole('button').count()).toBe(0);
    await shoot(page, 'invoice being checked');
    expect((await shop.now(invoice.id)).status).toBe('issued');
    await side.control('POST', '/_sim/webhooks/flush', {});
    expect(await shop.log(invoice.id)).toEqual(['session_opened', 'mismatch']);
    expect(await shop.questions(invoice.id)).toMatchObject([
      { kind: 'payment_mismatch', state: 'open', details: { expected: 239_760, found: 28_800 } },
    ]);
    await until(async () => (await shop.mailbox.mails()).some(({ to }) => to === 'operator@lindqvist.example'), {
      what: 'the operator is told',
    });
  });

  test('that was cancelled says so, and the payment page that was open has expired', async () => {
    const invoice = await shop.issued();
    const { page, tab } = await shop.customer();
    await page.goto(invoice.url);
    await pressPay(page);
    await voidInvoice(invoice.id, 'test', 'ordered by mistake', shop.deps);
    await payWith(page, 'Card that works');
    await page.getByRole('heading', { name: 'This page has expired' }).waitFor();
    const again = await tab();
    await again.goto(invoice.url);
    await expectState(again, 'Cancelled', 'Void');
    expect(await again.getByRole('button').count()).toBe(0);
    expect((await shop.now(invoice.id)).status).toBe('void');
  });

  test('with a new link: the old one, a guessed one and that of a draft lead to the same page that says nothing', async () => {
    const invoice = await shop.issued();
    const { page } = await shop.customer({ expected: /404/ });
    await renewLink(invoice.id, 'test', 'sent to the wrong person', shop.deps);
    const draft = await createDraft(workshop, 'test', shop.deps);
    const unissued = `${api.url}/i/${await tokenOf(shop.deps.db, draft)}`;
    const guessed = `${api.url}/i/${invoice.id.slice(4)}${'A'.repeat(22)}`;
    const pages = new Set<string>();
    for (const address of [invoice.url, `${invoice.url}/return?session_id=x`, guessed, unissued, `${api.url}/i/x`]) {
      const answer = await page.goto(address);
      expect(answer?.status()).toBe(404);
      await page.getByRole('heading', { name: 'Page not found' }).waitFor();
      pages.add(await page.content());
    }
    expect(pages.size).toBe(1);
    await shoot(page, 'invoice not found');
    await page.goto(`${api.url}/i/${await tokenOf(shop.deps.db, await shop.now(invoice.id))}`);
    await expectState(page, 'Amount due', 'Unpaid');
  });
});
