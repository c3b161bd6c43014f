import type { VNode } from 'preact';
import { describe, expect, test } from 'vitest';
import { COUNTED_AT_MOST } from '../../../src/stripe/inbox/unfinished-events.ts';
import type { Visit } from '../../../src/views/console/console-page.tsx';
import { EventRoom } from '../../../src/views/console/event-room.tsx';
import { InvoiceForm } from '../../../src/views/console/invoice-form.tsx';
import { InvoiceList } from '../../../src/views/console/invoice-list.tsx';
import { InvoiceRoom } from '../../../src/views/console/invoice-room.tsx';
import { MessageRoom } from '../../../src/views/console/message-room.tsx';
import { MessageList } from '../../../src/views/console/messages.tsx';
import { Overview } from '../../../src/views/console/overview.tsx';
import { PaymentRoom } from '../../../src/views/console/payment-room.tsx';
import type { OutboxRow, ReviewRow } from '../../../src/views/console/records.ts';
import { ReviewRoom } from '../../../src/views/console/review-room.tsx';
import { ReviewList } from '../../../src/views/console/reviews.tsx';
import { typedFrom } from '../../../src/views/console/typed-draft.ts';
import { html } from '../../../src/views/page.tsx';
import { attempt, entry, issued, paid, textOf } from '../example-invoice.ts';

const operator: Visit = { admin: { name: 'olga', role: 'operator' }, timeZone: 'UTC' };
const viewer: Visit = { admin: { name: 'victor', role: 'viewer' }, timeZone: 'UTC' };
const at = new Date('2026-11-26T08:00:00Z');
const evil = '"><script>alert(1)</script><b onclick=x>';

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
};
const audit = [{ at, actor: evil, action: evil, reason: evil, details: { result: evil } }];
const invoice = { ...issued, customer_name: evil, customer_email: evil, customer_address: evil, notes: evil };

/** Every room, full of what somebody with bad intentions typed. */
const rooms: Record<string, (visit: Visit) => VNode> = {
  overview: (visit) =>
    Overview({
      visit,
      figures: {
        countedAtMost: 20_000,
        unfinished: 3,
        failing: 1,
        awaitingRelease: 4,
        lagSeconds: 75,
        openReviews: 2,
        messages: { pending: 0, dead: 0 },
        sums: [{ currency: 'eur', state: 'overdue', count: 2, amount: 53_250n }],
        heldQueues: [evil],
        dependents: [{ dependent: evil, count: 2, seconds: 75, error: evil }],
      },
    }),
  invoices: (visit) =>
    InvoiceList({
      visit,
      page: { rows: [invoice], hasBefore: true, hasAfter: true },
      attempts: new Map(),
      status: 'all',
      search: evil,
      today: '2026-11-26',
    }),
  invoice: (visit) =>
    InvoiceRoom({
      visit: { ...visit, problem: evil, done: evil },
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
      today: '2026-11-26',
    }),
  reviews: (visit) => ReviewList({ visit, page: { rows: [review], hasBefore: false, hasAfter: false }, state: 'open' }),
  review: (visit) =>
    ReviewRoom({
      visit,
      item: review,
      choices: [{ name: evil, effect: evil }],
      audit,
      typed: { choice: evil, reason: evil },
    }),
  messages: (visit) =>
    MessageList({ visit, page: { rows: [message], hasBefore: false, hasAfter: false }, state: 'all' }),
  message: (visit) => MessageRoom({ visit, message, tries: [{ at, duration_ms: 3, ok: false, answer: evil }], audit }),
  payment: (visit) =>
    PaymentRoom({
      visit,
      payment: {
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
      },
    }),
  event: (visit) =>
    EventRoom({
      visit,
      event,
      attempts: [{ worker: evil, started_at: at, duration_ms: null, ended: evil, stripe_calls: null, note: evil }],
    }),
};

describe.each(Object.entries(rooms))('the room %s', (_name, room) => {
  test('shows what was typed as text, never as markup', () => {
    expect(html(room(operator))).not.toMatch(/<script|<b |javascript:/);
  });

  test('says who is signed in, as what, and lets him leave', () => {
    const page = html(room(viewer));
    expect(textOf(page)).toContain('victor (viewer)');
    expect(page).toContain('action="/console/logout"');
  });

  test('shows a viewer no form that changes something', () => {
    const forms = html(room(viewer)).match(/<form [^>]*method="post"[^>]*>/g);
    expect(forms).toEqual(['<form method="post" action="/console/logout">']);
    expect(html(room(viewer))).not.toContain('/console/invoices/new');
  });
});

test('the overview names what waits, and sums by currency with links to the lists', () => {
  const page = html((rooms.overview as (visit: Visit) => VNode)(operator));
  expect(textOf(page)).toMatch(/Unfinished events 3 oldest: 1 min/);
  expect(textOf(page)).toMatch(/Waiting for a release 4 /);
  expect(page).toContain('href="/console/invoices?status=overdue"');
  expect(textOf(page)).toContain('EUR 532.50 (2)');
});

test('the overview says that there may be more where counting stopped', () => {
  const figures = {
    countedAtMost: COUNTED_AT_MOST,
    unfinished: COUNTED_AT_MOST,
    failing: 7,
    awaitingRelease: 0,
    lagSeconds: 90_000,
    openReviews: 0,
    sums: [],
    heldQueues: [],
    dependents: [],
  };
  const page = html(Overview({ visit: viewer, figures: { ...figures, messages: { pending: 0, dead: 0 } } }));
  expect(textOf(page)).toMatch(/Unfinished events 20000\+ oldest: 1 d/);
  expect(textOf(page)).toMatch(/Failing events 7 /);
  expect(textOf(page), 'shown only when something does').not.toContain('Waiting for a release');
});

describe('the actions of an invoice', () => {
  const actions = (of: typeof issued) =>
    [
      ...html(
        InvoiceRoom({
          visit: operator,
          invoice: of,
          link: 'https://billing.example/i/token',
          log: [],
          attempts: [],
          documents: [],
          reviews: [],
          audit: [],
          today: '2026-11-26',
        }),
      ).matchAll(/(?:action|href)="\/console\/invoices\/inv_\w+\/(\w+)"/g),
    ].map((match) => match[1]);

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
    InvoiceForm({
      visit: operator,
      id: issued.id,
      token: 'the token of the page',
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
