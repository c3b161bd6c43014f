import { describe, expect, test } from 'vitest';
import { DraftFields } from '../../../src/api/console/drafts/draft-fields.tsx';
import { typedFrom } from '../../../src/api/console/drafts/typed-draft.ts';
import { Frame } from '../../../src/api/console/frame/frame.tsx';
import type { Room, RoomPage } from '../../../src/api/console/frame/room.ts';
import type { Visit } from '../../../src/api/console/frame/visit.ts';
import type { OutboxRow, ReviewRow } from '../../../src/api/console/records/records.ts';
import { access as accessRoom } from '../../../src/api/console/rooms/access.tsx';
import { accessOf } from '../../../src/api/console/rooms/access-of.tsx';
import { checkouts } from '../../../src/api/console/rooms/checkouts.tsx';
import { event as eventRoom } from '../../../src/api/console/rooms/event.tsx';
import { invoice as invoiceRoom } from '../../../src/api/console/rooms/invoice.tsx';
import { invoices } from '../../../src/api/console/rooms/invoices.tsx';
import { message as messageRoom } from '../../../src/api/console/rooms/message.tsx';
import { messages } from '../../../src/api/console/rooms/messages.tsx';
import { overview } from '../../../src/api/console/rooms/overview.tsx';
import { payment as paymentRoom } from '../../../src/api/console/rooms/payment.tsx';
import { recoveries } from '../../../src/api/console/rooms/recoveries.tsx';
import { recovery as recoveryRoom } from '../../../src/api/console/rooms/recovery.tsx';
import { review as reviewRoom } from '../../../src/api/console/rooms/review.tsx';
import { reviews } from '../../../src/api/console/rooms/reviews.tsx';
import { subscription as subscriptionRoom } from '../../../src/api/console/rooms/subscription.tsx';
import { subscriptionChange } from '../../../src/api/console/rooms/subscription-change.tsx';
import { subscriptions } from '../../../src/api/console/rooms/subscriptions.tsx';
import { systems } from '../../../src/api/console/rooms/systems.tsx';
import { rooms as list } from '../../../src/api/console/rooms.ts';
import { addressOf, menuFor } from '../../../src/api/console/router.ts';
import { accessPolicy } from '../../../src/billing/policy/access.ts';
import { COUNTED_AT_MOST } from '../../../src/stripe/inbox/unfinished-events.ts';
import { html } from '../../../src/views/page.tsx';
import { failedPayments } from '../../support/failed-payments.ts';
import * as kept from '../../support/subscription-records.ts';
import { attempt, entry, issued, paid, textOf } from '../../views/example-invoice.ts';

const today = '2026-11-26';
const evil = '"><script>alert(1)</script><b onclick=x>';
const visit: Visit = {
  admin: { id: 1, name: 'olga', role: 'operator' },
  actor: 'admin:olga',
  mayChange: true,
  address: '/console/somewhere',
  id: '',
  query: () => evil,
  today,
  sent: { path: '', text: () => evil },
};
const viewing: Visit = { ...visit, admin: { id: 2, name: 'victor', role: 'viewer' }, mayChange: false };

/** As the router answers with it. */
function drawn(room: Room | undefined, page: RoomPage, { admin, address, sent }: Visit): string {
  const place = { timeZone: 'UTC', address, addressOf, sent };
  return html(Frame({ admin, menu: menuFor(room), place, flash: undefined, page }));
}

const at = new Date('2026-11-26T08:00:00Z');

const review: ReviewRow = {
  id: 7,
  kind: 'double_payment',
  subject: evil,
  summary: evil,
  details: { invoice: issued.id, found: evil, [evil]: { deep: evil } },
  state: 'open',
  opened_at: at,
  closed_at: null,
  closed_by: null,
  decision: null,
  reason: null,
};
const message: OutboxRow = {
  id: '0198f2d4-0000-4000-8000-000000000001',
  channel: 'webhook',
  kind: evil,
  to: evil,
  state: 'dead',
  attempts: 9,
  created_at: at,
  next_attempt_at: at,
  sent_at: null,
  last_error: evil,
  data: { type: evil },
};
const event = {
  id: 'evt_1',
  type: evil,
  received_at: at,
  outcome: null,
  reason: evil,
  attempts: 1,
  last_error: evil,
  payment_intent: evil,
  subscription: evil,
};
const endpoint = { id: 1, url: evil, types: [evil], created_at: at, disabled_at: at, disabled_reason: evil };
const audit = [{ at, actor: evil, action: evil, reason: evil, details: { result: evil } }];
const invoice = { ...issued, customer_name: evil, customer_email: evil, customer_address: evil, notes: evil };

const figures = {
  countedAtMost: 20_000,
  unfinished: 3,
  failing: 1,
  awaitingRelease: 4,
  lagSeconds: 75,
  openReviews: 2,
  messages: { pending: 0, dead: 0 },
  sums: [{ currency: 'eur', state: 'overdue' as const, count: 2, amount: 53_250n }],
  heldQueues: [evil],
  dependents: [{ dependent: evil, count: 2, seconds: 75, error: evil }],
  checkouts: { succeeded: 148, failed: 2 },
  settings: [evil],
};
const month = {
  month: '2026-11',
  opened: 300,
  completed: 183,
  succeeded: 148,
  failed: 2,
  pending: 20,
  abandoned: 93,
  left_out: 4,
};
const evilSession = {
  id: evil,
  mode: 'payment' as const,
  status: 'complete' as const,
  outcome: 'failed' as const,
  reason: evil,
  failure_code: evil,
  payment_intent: evil,
  subscription: null,
  created: new Date('2026-11-26T10:00:00Z'),
  decided_at: new Date('2026-11-26T11:00:00Z'),
};
const story = {
  invoice,
  link: evil,
  log: [entry('paid', evil, { payment_intent: evil, stripe_session: evil })],
  attempts: [attempt('open', { stripe_session: evil })],
  documents: [
    {
      step: evil,
      stripe_invoice: evil,
      number: evil,
      hosted_invoice_url: 'javascript:alert(1)',
      invoice_pdf: evil,
    },
  ],
  reviews: [review],
  audit,
};
const payment = {
  payment_intent: evil,
  status: evil,
  amount_received: 100,
  currency: 'eur',
  paid_at: at,
  verdict: evil,
  reason: evil,
  disputed_since: at,
  invoices: [],
  adjustments: [],
  events: [event],
  questions: [{ id: 1, kind: evil, state: 'open', summary: evil }],
  own_invoice: { id: evil, number: evil },
};
const attempts = [{ worker: evil, started_at: at, duration_ms: null, ended: evil, stripe_calls: null, note: evil }];

const given = { cause: evil, feature: evil, value: evil, until: at, grace_until: at, bridged_until: at };
const somebody = {
  access: {
    reference: evil,
    version: 3,
    now: at,
    isAhead: false,
    asOf: at,
    onTestClock: false,
    changesAt: at,
    features: {
      [evil]: { allowed: true as const, until: at.toISOString(), cause: evil, grace_until: null, value: evil },
    },
  },
  grants: [{ ...given, granted_at: at, ended_at: at, ended_because: evil }],
  customers: [evil],
  audit,
};

const evilPrice = kept.price({ id: evil, lookupKey: evil, product: evil });
const evilSubscription = kept.subscription({
  id: evil,
  customer: evil,
  email: evil,
  status: 'past_due',
  cancelAt: at,
  canceledAt: at,
  endedAt: at,
  trialStart: at,
  trialEnd: at,
  pauseCollection: evil,
  pauseResumesAt: at,
  pendingUpdateUntil: at,
  schedule: evil,
  paymentMethod: evil,
  testClock: evil,
  metadata: { [evil]: evil },
  items: [kept.item({ id: evil, price: evilPrice })],
});
const evilInvoice = kept.invoice({
  id: evil,
  number: evil,
  status: 'open',
  amountRemaining: 1_000,
  nextPaymentAttempt: at,
  dueDate: at,
  hostedInvoiceUrl: 'javascript:alert(1)',
  lines: [kept.line({ id: evil, price: evil }), kept.line({ id: 'il_other', price: `${evil}other`, proration: true })],
});
/** With a plan that has a name like that, too. */
const policy = accessPolicy.parse({ plans: { evil: { name: evil, prices: [evil], features: ['x'] } } });
const { evilCase, recoveryStory, month: recovered } = failedPayments(evil, at);
const trace = {
  subscription: { ...evilSubscription, saidReference: evil, session: evil },
  reference: evil,
  asked: at,
  invoices: [evilInvoice],
  prices: new Map([[evil, evilPrice]]),
  grants: [{ ...given, reference: evil, granted_at: at, ended_at: at, ended_because: evil }],
  cases: [evilCase],
  questions: [
    { id: 1, kind: evil, state: 'open', summary: evil },
    { id: 2, kind: evil, state: 'resolved', summary: evil },
  ],
  events: [event],
};

const evilLine = { description: evil, amount: -5, proration: true, periodStart: at, periodEnd: at };
const evilTerms = { price: evil, plan: evil, quantity: 2 };
const evilPreview = {
  currency: 'eur',
  dueNow: 5,
  total: -5,
  balanceUsed: 0,
  lines: [evilLine],
  prorationDate: 17,
  items: [{ item: evil, before: evilTerms, after: evilTerms }],
  takesEffect: 'period_end' as const,
  takesEffectAt: at,
  renewal: { total: 5, lines: [evilLine] },
};

/** Every room, full of what somebody with bad intentions typed. */
const rooms = {
  overview: (by) => drawn(overview, overview.page({ figures }, by), by),
  checkouts: (by) =>
    drawn(
      checkouts,
      checkouts.page(
        {
          months: [{ ...month, month: evil }],
          failures: [{ month: evil, reason: evil, failure_code: evil, failed: 1 }],
          page: { rows: [evilSession], hasBefore: true, hasAfter: true },
          outcome: 'failed',
          listedAgo: 90_000,
          problem: evil,
        },
        by,
      ),
      by,
    ),
  invoices: (by) =>
    drawn(
      invoices,
      invoices.page(
        {
          page: { rows: [invoice], hasBefore: true, hasAfter: true },
          attempts: new Map(),
          status: 'all',
          search: evil,
          problem: evil,
          today,
        },
        by,
      ),
      by,
    ),
  invoice: (by) => drawn(invoiceRoom, invoiceRoom.page(story, by), by),
  subscriptions: (by) =>
    drawn(
      subscriptions,
      subscriptions.page(
        {
          page: { rows: [{ ...evilSubscription, reference: evil }], hasBefore: true, hasAfter: true },
          standing: 'all',
          search: evil,
          problem: evil,
          policy,
        },
        by,
      ),
      by,
    ),
  subscription: (by) => drawn(subscriptionRoom, subscriptionRoom.page({ trace, policy, audit }, by), by),
  subscriptionChange: (by) =>
    drawn(
      subscriptionChange,
      subscriptionChange.page(
        {
          subscription: evilSubscription,
          policy,
          typed: { item: evil, plan: evil, price: evil, quantity: evil, remove: evil, when: evil },
          seen: evilPreview,
        },
        by,
      ),
      by,
    ),
  recoveries: (by) =>
    drawn(
      recoveries,
      recoveries.page(
        {
          page: { rows: [evilCase], hasBefore: true, hasAfter: true },
          problem: evil,
          state: 'all',
          search: evil,
          months: [recovered],
          settings: [{ setting: 'leave_past_due', says: evil, confirmedAt: at, confirmedBy: evil, isDue: true }],
          now: at,
        },
        by,
      ),
      by,
    ),
  recovery: (by) =>
    drawn(
      recoveryRoom,
      recoveryRoom.page({ trace: recoveryStory, letter: { letter: 'none', reason: evil }, audit, now: at }, by),
      by,
    ),
  reviews: (by) =>
    drawn(
      reviews,
      reviews.page({ page: { rows: [review], hasBefore: false, hasAfter: false }, state: 'open' }, by),
      by,
    ),
  review: (by) =>
    drawn(
      reviewRoom,
      reviewRoom.page({ item: review, choices: [{ name: evil, effect: evil, asks: evil }], audit }, by),
      by,
    ),
  access: (by) =>
    drawn(
      accessRoom,
      accessRoom.page({ states: [{ reference: evil, version: 3, changes_at: at, agreed_at: at }], search: evil }, by),
      by,
    ),
  accessOf: (by) => drawn(accessOf, accessOf.page(somebody, { ...by, id: evil }), by),
  messages: (by) =>
    drawn(
      messages,
      messages.page({ page: { rows: [message], hasBefore: false, hasAfter: false }, state: 'all' }, by),
      by,
    ),
  message: (by) =>
    drawn(
      messageRoom,
      messageRoom.page({ message, tries: [{ at, duration_ms: 3, ok: false, answer: evil }], audit }, by),
      by,
    ),
  payment: (by) => drawn(paymentRoom, paymentRoom.page({ payment }, by), by),
  event: (by) => drawn(eventRoom, eventRoom.page({ event, attempts }, by), by),
  systems: (by) => drawn(systems, systems.page({ endpoints: [endpoint] }, by), by),
} satisfies Record<string, (by: Visit) => string>;

describe.each(Object.entries(rooms))('the room %s', (_name, room) => {
  test('shows what was typed as text, never as markup', () => {
    expect(room(visit)).not.toMatch(/<script|<b |javascript:/);
  });

  test('says who is signed in, as what, and lets him leave', () => {
    const page = room(viewing);
    expect(textOf(page)).toContain('victor (viewer)');
    expect(page).toContain('action="/console/logout"');
  });

  test('shows a viewer no form that changes something', () => {
    const forms = room(viewing).match(/<form [^>]*method="post"[^>]*>/g);
    expect(forms).toEqual(['<form method="post" action="/console/logout">']);
    expect(room(viewing)).not.toContain('/console/invoices/new');
  });
});

test('the overview names what waits, and sums by currency with links to the lists', () => {
  const page = rooms.overview(visit);
  expect(textOf(page)).toMatch(/Unfinished events 3 oldest: 1 min/);
  expect(textOf(page)).toMatch(/Waiting for a release 4 /);
  expect(page).toContain('href="/console/invoices?status=overdue"');
  expect(textOf(page)).toContain('EUR 532.50 (2)');
});

test.each([
  ['nothing is sold', { succeeded: 0, failed: 0 }, undefined, false],
  ['few have failed', { succeeded: 2, failed: 1 }, '66.6 % of the latest 3 in 7 days', false],
  ['enough have failed', { succeeded: 48, failed: 2 }, '96.0 % of the latest 50 in 7 days', true],
  ['98 % have not', { succeeded: 98, failed: 2 }, '98.0 % of the latest 100 in 7 days', false],
  ['nearly 98 % have not', { succeeded: 489, failed: 10 }, '97.9 % of the latest 499 in 7 days', true],
])('the overview says how checkouts go where %s', (_where, latest, said, isBad) => {
  const page = drawn(overview, overview.page({ figures: { ...figures, checkouts: latest } }, viewing), viewing);
  if (said === undefined) expect(textOf(page)).not.toContain('Checkout success');
  else expect(textOf(page)).toContain(`Checkout success ${said}`);
  expect(page.includes('href="/console/checkouts" class="bad"')).toBe(isBad);
});

test('the room of checkouts tells figures with their definition, and that its list is old', () => {
  const content = { months: [month], failures: [], page: { rows: [], hasBefore: false, hasAfter: false } };
  const shown = (listedAgo: number) =>
    textOf(drawn(checkouts, checkouts.page({ ...content, outcome: 'failed', listedAgo }, viewing), viewing));
  expect(shown(60)).toMatch(/2026-11 98\.6 % 148 2 61\.0 % 300 183 20 4/);
  expect(shown(60)).toContain('Success: checkouts that were paid');
  expect(shown(60)).not.toContain('hours ago');
  expect(shown(4 * 3_600)).toContain('last read 4 hours ago');
});

test('the overview says that there may be more where counting stopped', () => {
  const many = {
    countedAtMost: COUNTED_AT_MOST,
    unfinished: COUNTED_AT_MOST,
    failing: 7,
    awaitingRelease: 0,
    lagSeconds: 90_000,
    openReviews: 0,
    sums: [],
    heldQueues: [],
    dependents: [],
    checkouts: { succeeded: 0, failed: 0 },
    settings: [],
  };
  const shown = overview.page({ figures: { ...many, messages: { pending: 0, dead: 0 } } }, viewing);
  const page = drawn(overview, shown, viewing);
  expect(textOf(page)).toMatch(/Unfinished events 20000\+ oldest: 1 d/);
  expect(textOf(page)).toMatch(/Failing events 7 /);
  expect(textOf(page), 'shown only when something does').not.toContain('Waiting for a release');
});

describe('the actions of an invoice', () => {
  const actions = (of: typeof issued) => {
    const by = { ...visit, address: `/console/invoices/${of.id}` };
    const page = drawn(invoiceRoom, invoiceRoom.page({ ...story, invoice: of }, by), by);
    return [...page.matchAll(/(?:action|href)="\/console\/invoices\/inv_\w+\/(\w+)"/g)].map((match) => match[1]);
  };

  test.each([
    ['a draft', { ...issued, status: 'draft' as const, number: null }, ['issue', 'edit', 'void']],
    ['an issued one', issued, ['link', 'void']],
    ['a paid one', paid, ['link']],
    ['a void one', { ...issued, status: 'void' as const }, []],
  ])('%s: %#', (_which, of, expected) => {
    expect(actions(of)).toEqual(expected);
  });
});

test('the form of a draft shows its amounts in major units, and a problem beside its field', () => {
  const draft = typedFrom({ ...issued, currency: 'bhd' });
  const page = html(
    DraftFields({
      action: '/console/invoices/new',
      back: '/console/invoices',
      draft,
      problems: [{ field: 'lines.1.unit_amount', message: 'is too large' }],
    }),
  );
  expect(page).toContain('name="lines.0.unit_amount" value="12.000"');
  expect(page).toMatch(
    /name="lines\.1\.unit_amount" value="-4\.000"[^>]*aria-invalid="true" aria-describedby="field-lines-1-unit_amount-problem"/,
  );
  expect(page).toMatch(/id="field-lines-1-unit_amount-problem">is too large</);
  expect(textOf(page)).toContain('Line 2, Unit price: is too large');
});

describe('the list', () => {
  test('is the menu, in its order, with the room in which somebody is', () => {
    const entries = menuFor(invoiceRoom).map(({ text, href, current }) => [text, href, current]);
    expect(entries).toEqual([
      ['Overview', '/console', false],
      ['Invoices', '/console/invoices', true],
      ['Subscriptions', '/console/subscriptions', false],
      ['Checkouts', '/console/checkouts', false],
      ['Recovery', '/console/recovery', false],
      ['Reviews', '/console/reviews', false],
      ['Access', '/console/access', false],
      ['Messages', '/console/messages', false],
      ['Systems', '/console/systems', false],
      ['Queues', '/console/queues', false],
    ]);
  });

  test.each([
    ['pi_1', '/console/payments/pi_1'],
    ['re_1', '/console/payments/re_1'],
    ['evt_1', '/console/events/evt_1'],
    [issued.id, `/console/invoices/${issued.id}`],
    [message.id, `/console/messages/${message.id}`],
    ['sub_1', '/console/subscriptions/sub_1'],
    ['in_1', '/console/recovery/in_1'],
    ['sub_sched_1', undefined],
    ['7', undefined],
    ['cus_1', undefined],
    [evil, undefined],
  ])('leads from %s to %s', (id, address) => {
    expect(addressOf(id)).toBe(address);
  });

  test('has each address once, and an id for each address that has one', () => {
    const paths = list.map(({ path }) => path);
    expect(paths).toEqual([...new Set(paths)]);
    expect(list.filter((room) => room.path.includes(':id') && !('id' in room && room.id))).toEqual([]);
  });
});
