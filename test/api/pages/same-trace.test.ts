import { expect, test } from 'vitest';
import { askPerson } from '../../../src/billing/desk/review-items.ts';
import { receipt } from '../../../src/billing/letters/receipt.ts';
import { findInvoice } from '../../../src/billing/own-invoices/invoices.ts';
import { syncSubscription } from '../../../src/billing/subscriptions/sync-subscription.ts';
import { queueLetter } from '../../../src/messages/outbox.ts';
import { firstRow } from '../../../src/platform/db.ts';
import { apiClient } from '../../support/api-client.ts';
import { quittance } from '../../support/command.ts';
import { invoiceBody, recordedDraft, recordedIssued } from '../../support/recorded-invoices.ts';
import { customerWithCard } from '../../support/subscriptions.ts';
import { auditOf, typed } from './console-drafts.ts';
import { siteUnderTest } from './site.ts';

/** What a person or a program does leaves the same row in the audit log, whichever door it came in by. */
const site = await siteUnderTest();
const { db } = site.deps;
const operator = await site.as('operator');
const client = await apiClient(db, site.url);

/** Who it was is all that tells them apart. */
const DOORS = { console: /^admin:operator$/, v1: /^key:test-/, cli: /^cli:./ };
type Door = keyof typeof DOORS;

type Action = {
  action: string;
  reason: string;
  /** @returns the id of what is changed then */
  before: () => Promise<string>;
  by: { [D in Door]?: (id: string) => Promise<unknown> };
};

const why = 'the customer asked for it';
const draft = async () => (await recordedDraft(db)).id;
const issued = async () => (await recordedIssued(db)).id;
const sent = (path: string, form: Record<string, string>) => operator(path, { form });
const command = (...words: string[]) => quittance(words, site.settings);

const ACTIONS: readonly Action[] = [
  {
    action: 'invoice.change',
    reason: 'the draft was edited',
    before: draft,
    by: {
      console: (id) => sent(`/console/invoices/${id}/edit`, typed),
      v1: (id) => client.ask('PUT', `/v1/invoices/${id}`, invoiceBody({ notes: 'Thank you.' })),
    },
  },
  {
    action: 'invoice.issue',
    reason: 'issued',
    before: draft,
    by: {
      console: (id) => sent(`/console/invoices/${id}/issue`, {}),
      v1: (id) => client.ask('POST', `/v1/invoices/${id}/issue`, {}),
      cli: (id) => command('invoice', 'issue', id),
    },
  },
  {
    action: 'invoice.issue',
    reason: 'issued, with a mail',
    before: draft,
    by: {
      console: (id) => sent(`/console/invoices/${id}/issue`, { mail: 'yes' }),
      v1: (id) => client.ask('POST', `/v1/invoices/${id}/issue`, { mail: true }),
      cli: (id) => command('invoice', 'issue', id, '--mail'),
    },
  },
  {
    action: 'invoice.void',
    reason: why,
    before: issued,
    by: {
      console: (id) => sent(`/console/invoices/${id}/void`, { reason: why }),
      v1: (id) => client.ask('POST', `/v1/invoices/${id}/void`, { reason: why }),
      cli: (id) => command('invoice', 'void', id, '--reason', why),
    },
  },
  {
    action: 'invoice.renew_link',
    reason: why,
    before: issued,
    by: { console: (id) => sent(`/console/invoices/${id}/link`, { reason: why }) },
  },
  {
    action: 'message.replay',
    reason: why,
    before: deadMessage,
    by: {
      console: (id) => sent(`/console/messages/${id}/replay`, { reason: why }),
      cli: (id) => command('messages', 'replay', id, '--reason', why),
    },
  },
  {
    action: 'review.end_as_ignored',
    reason: why,
    before: question,
    by: {
      console: async (id) => sent(`/console/reviews/${await itemOf(id)}`, { choice: 'end_as_ignored', reason: why }),
      cli: async (id) => command('review', 'decide', await itemOf(id), 'end_as_ignored', '--reason', why),
    },
  },
  {
    action: 'subscription.look_again',
    reason: why,
    before: subscription,
    by: {
      console: (id) => sent(`/console/subscriptions/${id}/look`, { reason: why }),
      cli: (id) => command('subscriptions', 'sync', id, '--reason', why),
    },
  },
];

/** What leaves one more row each time. */
const AGAIN = ['invoice.change', 'invoice.renew_link', 'subscription.look_again'];

const CASES = ACTIONS.flatMap(({ action, reason, before, by }) =>
  Object.entries(by).map(([door, act]) => ({ door, action, reason, before, act })),
);

test.each(CASES)('$action by way of $door leaves one row: $reason', async ({ door, action, reason, before, act }) => {
  const id = await before();
  const earlier = await auditOf(db, id);
  await act(id);
  // A second time there is nothing left to do, except for an edit, which is one more.
  if (!AGAIN.includes(action)) await act(id);
  const [row, ...more] = (await auditOf(db, id)).slice(earlier.length);
  expect(more).toEqual([]);
  expect(row).toEqual({ actor: expect.stringMatching(doorOf(door)), action, reason });
});

test.each([
  ['v1', async () => (await client.create({ ...invoiceBody(), issue: true })).id],
  [
    'cli',
    async () => {
      const { stdout } = await quittance(
        ['invoice', 'create', '--file', '-', '--issue'],
        site.settings,
        JSON.stringify(invoiceBody()),
      );
      return stdout.split(' ')[0] ?? '';
    },
  ],
])('an invoice that is made and issued at once by way of %s leaves the row of an issue', async (door, create) => {
  expect(await auditOf(db, await create())).toEqual([
    { actor: expect.stringMatching(doorOf(door)), action: 'invoice.issue', reason: 'issued' },
  ]);
});

test('what is refused leaves no row', async () => {
  const id = await issued();
  const earlier = await auditOf(db, id);
  await sent(`/console/invoices/${id}/edit`, typed);
  await client.ask('PUT', `/v1/invoices/${id}`, invoiceBody());
  expect(await auditOf(db, id)).toEqual(earlier);
  expect(await findInvoice(db, id)).toMatchObject({ status: 'issued', notes: null });
});

function doorOf(door: string): RegExp {
  const known = Object.entries(DOORS).find(([name]) => name === door);
  if (!known) throw new Error(`no such door: ${door}`);
  return known[1];
}

let made = 0;

/** @returns the id of a mail that was given up */
async function deadMessage(): Promise<string> {
  made += 1;
  await queueLetter(db, receipt, { invoice: await issued() }, { to: 'ada@example.com', key: `test:${made}` });
  const row = await firstRow<{ id: string }>(
    db,
    `UPDATE messages SET state = 'dead', attempts = 10 WHERE dedupe_key = ? RETURNING id`,
    [`mail:test:${made}`],
  );
  return row?.id ?? '';
}

/** @returns what it is about */
async function question(): Promise<string> {
  made += 1;
  const event = `evt_trace${made}`;
  await askPerson(db, {
    kind: 'event_failed',
    subject: event,
    summary: 'It failed.',
    details: { event, type: 'charge.refunded', attempts_used_up: true },
  });
  return event;
}

/** @returns the id of one that is known here */
async function subscription(): Promise<string> {
  const customer = await customerWithCard(site.side);
  const product = await site.side.stripe.products.create({ name: 'Basic' });
  const price_data = {
    product: product.id,
    currency: 'eur',
    unit_amount: 900,
    recurring: { interval: 'month' as const },
  };
  const { id } = await site.side.stripe.subscriptions.create({ customer: customer.id, items: [{ price_data }] });
  await syncSubscription({ subscription: id }, site.deps);
  return id;
}

async function itemOf(subject: string): Promise<string> {
  const item = await firstRow<{ id: number }>(db, 'SELECT id FROM review_items WHERE subject = ?', [subject]);
  return String(item?.id);
}
