import { beforeAll, expect, test } from 'vitest';
import { issueInvoice } from '../../src/billing/own-invoices/manage-invoice.ts';
import { createDraft } from '../support/created-drafts.ts';
import { until } from '../support/eventually.ts';
import type { CaughtMail } from '../support/mail-catcher.ts';
import { expectAccessible } from './accessible.ts';
import { describeInBrowser, shoot, visitor } from './chromium.ts';
import { expectNoSidewaysScrolling, expectState } from './invoice-pages.ts';
import { invoicesInEveryState } from './invoice-states.ts';
import { openShop, workshop } from './shop.ts';

const shop = await openShop();
const subjects = {
  issued: /^Invoice .* from/,
  receipt: /^Receipt/,
  failed: /did not go through$/,
  question: /^(A decision is|Decisions are) needed/,
};
let mails: CaughtMail[] = [];

beforeAll(async () => {
  await invoicesInEveryState(shop);
  const draft = await createDraft(workshop, 'test', shop.deps);
  await issueInvoice(draft.id, { mail: true }, 'test', shop.deps);
  mails = await until(async () => {
    const caught = await shop.mailbox.mails();
    const each = Object.values(subjects).map((subject) => caught.find((mail) => subject.test(mail.subject)));
    return each.every((mail) => mail !== undefined) && caught;
  });
});

/** The first of its kind that came. */
const mailAbout = (kind: keyof typeof subjects): CaughtMail => {
  const mail = mails.find(({ subject }) => subjects[kind].test(subject));
  if (!mail) throw new Error(`No mail is ${kind}`);
  return mail;
};

describeInBrowser('the mails', () => {
  test('are readable and accessible on a desk and on a phone, and load nothing from anywhere', async () => {
    const { page } = await visitor({ origins: [] });
    for (const kind of ['issued', 'receipt', 'failed', 'question'] as const) {
      await page.setContent(mailAbout(kind).html ?? '');
      await page.setViewportSize({ width: 900, height: 700 });
      // A mail stands inside of the page of a mailbox, which has the landmarks.
      await expectAccessible(page, { without: ['landmark-one-main', 'region'] });
      await shoot(page, `mail ${kind}`);
      await page.setViewportSize({ width: 390, height: 844 });
      await expectNoSidewaysScrolling(page);
      await shoot(page, `mail ${kind} phone`);
    }
  });

  test('lead from the mailbox to the invoice', async () => {
    const { page, context } = await shop.customer({
      origins: [shop.mailbox.running.url, shop.story.api.url],
    });
    await page.goto(shop.mailbox.running.url);
    await page.getByRole('link', { name: mailAbout('issued').subject }).click();
    await shoot(page, 'mailbox with a mail');
    const opened = context.waitForEvent('page');
    await page.frameLocator('iframe').getByRole('link', { name: 'View' }).first().click();
    await expectState(await opened, 'Amount due', 'Unpaid');
  });

  test('say the same as text', () => {
    for (const kind of ['issued', 'receipt', 'failed', 'question'] as const) {
      const { text, html } = mailAbout(kind);
      const link = /https?:\/\/[^\s"]+/.exec(text ?? '')?.[0] ?? 'no link';
      expect(html).toContain(link);
    }
  });
});
