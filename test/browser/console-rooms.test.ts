import { beforeAll, expect, test } from 'vitest';
import { addEndpoint } from '../../src/billing/outgoing/manage-endpoints.ts';
import { issueInvoice } from '../../src/billing/own-invoices/manage-invoice.ts';
import { rows } from '../../src/platform/db.ts';
import { createDraft } from '../support/created-drafts.ts';
import { until } from '../support/eventually.ts';
import { expectGoodLooks } from './accessible.ts';
import { describeInBrowser, shoot, type Visitor } from './chromium.ts';
import { expectNoSidewaysScrolling } from './invoice-pages.ts';
import { invoicesInEveryState, type ShownState } from './invoice-states.ts';
import { openShop, workshop } from './shop.ts';
import { giveReason, go, password, rowsOf, signedIn } from './staff.ts';

const shop = await openShop();
const { row } = shop.story.records;
let invoices: Record<string, ShownState> = {};
let draft = '';

const question = () =>
  row<{ id: number; subject: string }>(`select id, subject from review_items where kind = 'payment_mismatch'`);
const messageTo = (recipient: string) =>
  row<{ id: string; state: string }>('select id, state from messages where recipient = $1', [recipient]);

/** A mail that the server refuses for good. */
async function refusedMail(): Promise<string> {
  const refused = { ...workshop, customer_email: 'refused@example.com' };
  const { id } = await createDraft(refused, 'test', shop.deps);
  await shop.mailbox.behave('permanent');
  await issueInvoice(id, { mail: true }, 'test', shop.deps);
  const message = await until(async () => {
    const found = await messageTo('refused@example.com');
    return found.state === 'dead' && found;
  });
  await shop.mailbox.behave('accept');
  return message.id;
}

let refused = '';

beforeAll(async () => {
  invoices = await invoicesInEveryState(shop);
  draft = (await createDraft({ ...workshop, customer_name: 'Nobody Yet' }, 'test', shop.deps)).id;
  refused = await refusedMail();
  for (const path of ['told', 'gone'])
    await addEndpoint(
      shop.deps.db,
      { url: `http://127.0.0.1:9/${path}`, types: ['invoice.paid'], allowPrivate: true },
      'test',
    );
  await rows(
    shop.deps.db,
    `UPDATE outgoing_endpoints SET disabled_at = now(), disabled_reason = 'it answered 410 Gone' WHERE url LIKE '%gone'`,
  );
});

const paidOne = () => invoices.paid?.invoice.id ?? '';

const rooms: Record<string, () => string | Promise<string>> = {
  overview: () => '',
  invoices: () => '/invoices',
  'new invoice': () => '/invoices/new',
  draft: () => `/invoices/${draft}`,
  'draft to edit': () => `/invoices/${draft}/edit`,
  'long draft': () => `/invoices/${invoices.demanding?.invoice.id}`,
  'paid invoice': () => `/invoices/${paidOne()}`,
  'questioned invoice': () => `/invoices/${invoices.checking?.invoice.id}`,
  reviews: () => '/reviews',
  question: async () => `/reviews/${(await question()).id}`,
  messages: () => '/messages',
  'dead message': () => `/messages/${refused}`,
  systems: () => '/systems',
  payment: async () => `/payments/${(await shop.now(paidOne())).payment_intent}`,
  account: () => '/account',
  nowhere: () => '/invoices/inv_nosuchinvoice000',
  login: () => '/login',
};

describeInBrowser('the rooms of the console', () => {
  let looking: Promise<Visitor> | undefined;
  test.each(Object.entries(rooms))(
    '%s is readable and accessible in light and dark and on a phone',
    async (room, pathOf) => {
      looking ??= signedIn(shop, 'operator', { expected: /404/, stays: true });
      const { page } = await looking;
      await go(page, shop, await pathOf());
      await expectNoSidewaysScrolling(page);
      await expectGoodLooks(page, `room ${room}`);
    },
  );
});

describeInBrowser('one’s own account', () => {
  test('whoever is signed in changes his own password, is told why not, and stays signed in', async () => {
    const { page } = await signedIn(shop, 'viewer', { expected: /422/ });
    await go(page, shop, '');
    await page.getByRole('link', { name: 'viewer (viewer)' }).click();
    const change = async (to: string) => {
      await page.getByLabel('Current password').fill(password);
      await page.getByLabel('New password', { exact: true }).fill(to);
      await page.getByLabel('New password, once more').fill(to);
      await page.getByRole('button', { name: 'Change the password' }).click();
    };
    await change('password123');
    await page.getByRole('alert').getByText('guessed first').waitFor();
    await shoot(page, 'account with a common password');
    await change('umbrella over nine tulips');
    await page.getByRole('status').getByText('Your password is changed.').waitFor();
    await shoot(page, 'account with another password');
  });
});

describeInBrowser('an operator who is asked', () => {
  test('refunds a payment that does not fit, with a reason; customer, Stripe and the books agree', async () => {
    const { invoice } = invoices.checking ?? {};
    if (!invoice) throw new Error('No invoice is being checked');
    const { page } = await signedIn(shop, 'operator');
    await go(page, shop, '');
    await page.getByRole('link', { name: /Open reviews/ }).click();
    await page.getByRole('link', { name: 'payment mismatch' }).click();
    expect(await page.getByRole('main').textContent()).toContain('amount should be EUR 300.00, found EUR 288.00');
    await page.getByRole('radio', { name: /Refund as duplicate/ }).check();
    await page.getByRole('button', { name: 'Decide' }).click();
    const reason = page.getByRole('textbox', { name: /^Reason/ });
    expect(await reason.evaluate((field) => field.matches(':invalid')), 'a reason is needed').toBe(true);
    await reason.fill('the price was changed by mistake');
    await page.getByRole('button', { name: 'Decide' }).click();
    await page.getByText('Decided. What was chosen is done.').waitFor();
    await shoot(page, 'room question decided');
    expect(await page.getByRole('main').getByRole('button').count()).toBe(0);
    expect((await rowsOf(page, /people did/))[0]?.slice(1, 4)).toEqual([
      'admin:operator',
      expect.stringContaining('refund_as_duplicate'),
      'the price was changed by mistake',
    ]);
    const { subject } = await question();
    const { data } = await shop.story.side.stripe.refunds.list({ payment_intent: subject });
    expect(data).toMatchObject([{ amount: 28_800, status: 'succeeded', reason: 'duplicate' }]);
    await until(async () => (await shop.log(invoice.id)).includes('refund'), { what: 'the log tells of the refund' });
    const customer = await shop.customer();
    await customer.page.goto(invoice.url);
    expect(await customer.page.getByRole('article').textContent()).toContain('Refunded EUR 288.00.');
    expect(await customer.page.getByRole('button', { name: 'Pay by card' }).count()).toBe(1);
  });

  test('sends a mail again that the server had refused', async () => {
    const { page } = await signedIn(shop, 'operator');
    await go(page, shop, '/messages');
    await page.getByRole('link', { name: 'Given up' }).click();
    await page.getByRole('link', { name: 'mail: invoice issued' }).click();
    expect(await page.locator('.title .chip').textContent()).toBe('given up');
    await giveReason(page, 'Send again…', 'the address works now', 'Send it again');
    await until(async () => (await shop.mailbox.mails()).some(({ to }) => to === 'refused@example.com'));
    await until(async () => {
      await page.reload();
      return (await page.locator('.title .chip').textContent()) === 'sent';
    });
    await shoot(page, 'room message sent again');
  });
});
