import { expect, test } from 'vitest';
import { until } from '../support/eventually.ts';
import { describeInBrowser, shoot } from './chromium.ts';
import { expectPaid, payWith, pressPay, tick } from './invoice-pages.ts';
import { openShop } from './shop.ts';
import { giveReason, go, password, rowsOf, signedIn } from './staff.ts';

const shop = await openShop();

describeInBrowser('an operator at the console', () => {
  test('signs in and is led to where he wanted to go; a wrong password is told', async () => {
    await signedIn(shop, 'operator').then(({ leave }) => leave()); // makes the account
    const { page } = await shop.customer({ expected: /401/ });
    await go(page, shop, '/invoices');
    await page.getByLabel('Name').fill('operator');
    await page.getByLabel('Password').fill('not this one');
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('don’t fit together');
    expect(await page.getByLabel('Name').inputValue()).toBe('operator');
    await page.getByLabel('Password').fill(password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Invoices', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await go(page, shop, '/invoices');
    await page.getByRole('heading', { name: 'Sign in' }).or(page.getByLabel('Password')).first().waitFor();
  });

  test('writes an invoice, mends what was wrong without typing anything anew, issues it, sees it paid', async () => {
    const { page } = await signedIn(shop, 'operator', { expected: /422/ });
    await go(page, shop, '/invoices');
    await page.getByRole('link', { name: 'New invoice' }).click();
    const typed = {
      Name: 'Ada Byron',
      'E-mail': 'ada@example.com',
      Address: '12 St James’s Square\nLondon',
      'Due date': '2026-12-24',
      'Notes for the customer': 'Collected on Friday.',
      'Line 1, Description': 'Teapot, tenmoku',
      'Line 1, Quantity': '2',
      'Line 1, Unit price': '1 180,5O',
      'Line 1, Tax %': '25',
      'Line 2, Description': 'Lesson, one hour',
      'Line 2, Unit price': '45',
      'Line 3, Description': 'Gift box',
      'Line 3, Unit price': '12.50',
      'Line 3, Tax %': '25',
    };
    const fieldOf = (label: string) => page.getByLabel(new RegExp(`^${label}`));
    for (const [label, text] of Object.entries(typed)) await fieldOf(label).fill(text);
    await page.getByLabel('Line 3 is an optional extra').check();
    await shoot(page, 'console new invoice');
    await page.getByRole('button', { name: 'Save draft' }).click();

    const summary = page.getByRole('alert');
    expect(await summary.textContent()).toContain('Line 1, Unit price:');
    await shoot(page, 'console new invoice with a mistake');
    for (const [label, text] of Object.entries(typed)) {
      expect((await fieldOf(label).inputValue()).replaceAll('\r', ''), label).toBe(text);
    }
    expect(await page.getByLabel('Line 3 is an optional extra').isChecked()).toBe(true);
    // The summary leads to the field, which tells its problem to screen readers.
    await summary.getByRole('link', { name: /Line 1, Unit price/ }).click();
    const wrong = page.getByLabel('Line 1, Unit price');
    expect(await wrong.evaluate((field) => field === document.activeElement)).toBe(true);
    expect(await wrong.getAttribute('aria-invalid')).toBe('true');
    await wrong.fill('180.50');
    await page.getByRole('button', { name: 'Save draft' }).click();
    await page.getByRole('heading', { name: 'Draft invoice' }).waitFor();
    await shoot(page, 'console draft');

    await page.getByRole('button', { name: 'Issue and mail it to ada@example.com' }).click();
    const number = (await page.getByRole('heading', { level: 1 }).textContent())?.replace('Invoice ', '') ?? '';
    expect(number).toMatch(/^\d{4}-\d{5}$/);
    const link = await page.getByLabel('Link for the customer').inputValue();
    await shoot(page, 'console invoice issued');
    const mail = await until(async () => (await shop.mailbox.mails()).find(({ to }) => to === 'ada@example.com'), {
      what: 'the customer has the mail',
    });
    expect(mail.text).toContain(link);

    const customer = await shop.customer();
    await customer.page.goto(link);
    await tick(customer.page, 'Gift box');
    await pressPay(customer.page);
    await payWith(customer.page, 'Card with insufficient funds');
    await customer.page.getByRole('alert').waitFor();
    await payWith(customer.page, 'Card that works');
    await expectPaid(customer.page, 'EUR 511.88');

    await until(
      async () => {
        await page.reload();
        return (await page.getByText('(paid)').count()) > 0;
      },
      { what: 'the Stripe invoice is in the room' },
    );
    expect((await rowsOf(page, /its payment/)).map(([, what, words]) => [what, words])).toEqual([
      ['session opened', 'The payment page was opened for EUR 511.88.'],
      ['attempt failed', 'The card has insufficient funds.'],
      ['paid', 'Paid EUR 511.88 by card.'],
    ]);
    await shoot(page, 'console invoice paid');
    const { data } = await shop.story.side.stripe.invoices.list({ limit: 100 });
    expect(data).toMatchObject([
      { status: 'paid', total: 51_188, custom_fields: [{ name: 'Invoice', value: number }] },
    ]);
  });

  test('finds an invoice by name, and changes a draft, for which there is always another row', async () => {
    const { page } = await signedIn(shop, 'operator');
    await shop.issued({ customer_name: 'Zora Neale' });
    await go(page, shop, '/invoices/new');
    await page.getByLabel('Name', { exact: true }).fill('Draft & Sons <Ltd>');
    await page.getByLabel('Line 1, Description').fill('A bowl');
    await page.getByLabel('Line 1, Unit price').fill('10');
    await page.getByRole('button', { name: 'Add rows' }).click();
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Draft & Sons <Ltd>');
    await page.getByLabel('Line 6, Description').fill('Another bowl');
    await page.getByLabel('Line 6, Unit price').fill('20');
    await page.getByRole('button', { name: 'Save draft' }).click();
    await page.getByRole('link', { name: 'Edit' }).click();
    await page.getByLabel('Line 2, Unit price').fill('21');
    await page.getByRole('button', { name: 'Save draft' }).click();
    await page.getByText('The draft is changed.').waitFor();
    expect(await page.getByRole('row', { name: 'Total' }).textContent()).toContain('EUR 31.00');

    await page.getByRole('link', { name: 'Invoices' }).click();
    await page.getByRole('searchbox').fill('zora');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=zora/);
    expect((await rowsOf(page, /Invoices/)).map(([, customer]) => customer)).toEqual(['Zora Neale']);
    await page.getByRole('link', { name: 'Drafts' }).click();
    await shoot(page, 'console invoices');
  });

  test('gives an invoice a new link, and voids it, each with a reason that is kept', async () => {
    const invoice = await shop.issued();
    const { page } = await signedIn(shop, 'operator');
    await go(page, shop, `/invoices/${invoice.id}`);
    await giveReason(page, 'New link…', 'sent to the wrong person', 'Make a new link');
    expect(await page.getByLabel('Link for the customer').inputValue()).not.toBe(invoice.url);
    await giveReason(page, 'Void…', 'ordered twice', 'Void it');
    expect(await page.locator('.title .chip').textContent()).toBe('Void');
    expect((await rowsOf(page, /people did/)).map(([, who, what, reason]) => [who, what, reason])).toEqual([
      ['test', 'invoice.issue', 'issued'],
      ['admin:operator', 'invoice.renew_link', 'sent to the wrong person'],
      ['admin:operator', 'invoice.void', 'ordered twice'],
    ]);
    await shoot(page, 'console invoice void');
  });
});

describeInBrowser('a viewer at the console', () => {
  test('sees everything and is offered nothing that changes it; trying it anyway is refused', async () => {
    const invoice = await shop.issued();
    const { page } = await signedIn(shop, 'viewer');
    await go(page, shop, `/invoices/${invoice.id}`);
    await page.getByRole('heading', { name: `Invoice ${invoice.number}` }).waitFor();
    await shoot(page, 'console invoice for a viewer');
    expect(await page.getByRole('main').getByRole('button').count()).toBe(0);
    await go(page, shop, '/invoices');
    expect(await page.getByRole('link', { name: 'New invoice' }).count()).toBe(0);
    for (const path of [`/invoices/${invoice.id}/void`, `/invoices/${invoice.id}/link`, '/invoices/new']) {
      const answer = await page.request.post(`${shop.story.api.url}/console${path}`, {
        headers: { origin: shop.story.api.url },
        form: { reason: 'because' },
      });
      expect(answer.status(), path).toBe(403);
    }
    expect((await shop.now(invoice.id)).status).toBe('issued');
  });
});
