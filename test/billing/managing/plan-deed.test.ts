import { describe, expect, test } from 'vitest';
import type { Deed, Done, Step } from '../../../src/billing/managing/deed.ts';
import { doneInWords } from '../../../src/billing/managing/done-words.ts';
import { planDeed } from '../../../src/billing/managing/plan-deed.ts';
import { nameOf, POSSIBLE, type Possible, possibleNow } from '../../../src/billing/managing/possible.ts';
import { type OpenInvoice, waitsFor } from '../../../src/billing/managing/waits-for.ts';
import {
  STATUSES,
  type Subscription,
  type SubscriptionStatus,
} from '../../../src/billing/subscriptions/subscription.ts';
import { april, item, march, may, subscription } from '../../support/subscription-records.ts';

/** What can be done about a subscription in each state, and what is said where it can't: as tables. */
const now = new Date('2026-03-10T00:00:00Z');
const open: OpenInvoice = { id: 'in_9', url: 'https://invoice.example/9' };
const planOf = (deed: Deed, says: Partial<Subscription>, openInvoice?: OpenInvoice) =>
  planDeed(deed, { subscription: subscription(says), openInvoice }, now);

const cancelNow: Deed = { deed: 'cancel', when: 'now', invoiceNow: false };
const cancelAtEnd: Deed = { deed: 'cancel', when: 'period_end' };
const resume: Deed = { deed: 'resume' };
const pause: Deed = { deed: 'pause', what: 'subscription' };
const pauseCollection: Deed = { deed: 'pause', what: 'collection', invoices: 'void', until: null };
const unpause: Deed = { deed: 'unpause' };

const yearly = [item(), item({ id: 'si_2', periodEnd: may })];
const scheduled = { schedule: 'sub_sched_1' };

test.each<[string, Deed, Partial<Subscription>, Step[]]>([
  ['cancel now', cancelNow, {}, [{ step: 'cancel_now', invoiceNow: false }]],
  ['… with what is left to bill', { ...cancelNow, invoiceNow: true }, {}, [{ step: 'cancel_now', invoiceNow: true }]],
  ['… under a schedule', cancelNow, scheduled, [{ step: 'cancel_now', invoiceNow: false }]],
  ['cancel with the period', cancelAtEnd, {}, [{ step: 'end_with_period' }]],
  ['… of classic billing', cancelAtEnd, { billingMode: 'classic' }, [{ step: 'end_with_period' }]],
  ['… of several intervals', cancelAtEnd, { items: yearly }, [{ step: 'end_with_longest_period' }]],
  ['… that is to end later', cancelAtEnd, { cancelAt: may }, [{ step: 'end_with_period' }]],
  ['resume, of a moment', resume, { cancelAt: april }, [{ step: 'take_back_end', field: 'cancel_at' }]],
  [
    'resume, of a word of periods, which Stripe tells with its moment',
    resume,
    { cancelAtPeriodEnd: true, cancelAt: april },
    [{ step: 'take_back_end', field: 'cancel_at_period_end' }],
  ],
  [
    'resume, of an unpaid one',
    resume,
    { status: 'unpaid', cancelAt: april },
    [{ step: 'take_back_end', field: 'cancel_at' }],
  ],
  ['resume, of a paused one', resume, { status: 'paused' }, [{ step: 'resume_it' }]],
  [
    'resume, of a paused one that is to end',
    resume,
    { status: 'paused', cancelAt: april },
    [{ step: 'take_back_end', field: 'cancel_at' }, { step: 'resume_it' }],
  ],
  ['pause the collection', pauseCollection, {}, [{ step: 'pause_collection', invoices: 'void', until: null }]],
  [
    '… otherwise',
    { ...pauseCollection, invoices: 'keep_as_draft' },
    { pauseCollection: 'void' },
    [{ step: 'pause_collection', invoices: 'keep_as_draft', until: null }],
  ],
  [
    '… for longer',
    { ...pauseCollection, until: may },
    { pauseCollection: 'void', pauseResumesAt: april },
    [{ step: 'pause_collection', invoices: 'void', until: may }],
  ],
  [
    '… until a moment that only a test clock has before it',
    { ...pauseCollection, until: march },
    { testClock: 'clock_1' },
    [{ step: 'pause_collection', invoices: 'void', until: march }],
  ],
  ['… under a schedule', pauseCollection, scheduled, [{ step: 'pause_collection', invoices: 'void', until: null }]],
  ['pause', pause, {}, [{ step: 'pause_it' }]],
  ['pause a trial', pause, { status: 'trialing' }, [{ step: 'pause_it' }]],
  ['unpause', unpause, { pauseCollection: 'void' }, [{ step: 'collect_again' }]],
  ['unpause a paused one', unpause, { status: 'paused' }, [{ step: 'resume_it' }]],
  ['unpause, and leave its end planned', unpause, { status: 'paused', cancelAt: april }, [{ step: 'resume_it' }]],
])('%s', (_what, deed, says, steps) => {
  expect(planOf(deed, says)).toEqual({ plan: 'do', steps });
});

const waits: Done = { is: 'waits_for_payment', invoice: 'in_9', url: open.url };

test.each<[string, Deed, Partial<Subscription>, Done, OpenInvoice?]>([
  ['cancel what is canceled', cancelNow, { status: 'canceled' }, { is: 'ended' }],
  ['cancel what never began', cancelNow, { status: 'incomplete_expired' }, { is: 'ended' }],
  ['cancel with the period what has ended', cancelAtEnd, { status: 'canceled' }, { is: 'ended' }],
  ['… what ends with it', cancelAtEnd, { cancelAtPeriodEnd: true, cancelAt: april }, { is: 'ends', at: april }],
  ['… what the portal has ended', cancelAtEnd, { cancelAt: april }, { is: 'ends', at: april }],
  ['… what ends before', cancelAtEnd, { cancelAt: now }, { is: 'ends', at: now }],
  ['… of several intervals with the first', cancelAtEnd, { items: yearly, cancelAt: april }, { is: 'ends', at: april }],
  ['… of several with the longest', cancelAtEnd, { items: yearly, cancelAt: may }, { is: 'ends', at: may }],
  ['… by its schedule', cancelAtEnd, { ...scheduled, cancelAt: april }, { is: 'ends', at: april }],
  ['resume what goes on', resume, {}, { is: 'goes_on' }],
  ['… on trial', resume, { status: 'trialing' }, { is: 'goes_on' }],
  ['… past due', resume, { status: 'past_due' }, { is: 'goes_on' }, open],
  ['… what waits to be paid', resume, { status: 'paused' }, waits, open],
  ['… what is unpaid', resume, { status: 'unpaid' }, waits, open],
  ['… what is unpaid, with nothing to pay', resume, { status: 'unpaid' }, { is: 'goes_on' }],
  [
    'pause the collection once more',
    pauseCollection,
    { pauseCollection: 'void' },
    { is: 'collection_paused', until: null },
  ],
  [
    '… until the same second',
    { ...pauseCollection, until: new Date(april.getTime() + 400) },
    { pauseCollection: 'void', pauseResumesAt: april },
    { is: 'collection_paused', until: new Date(april.getTime() + 400) },
  ],
  ['pause what is paused', pause, { status: 'paused' }, { is: 'paused' }],
  ['unpause what is not paused', unpause, {}, { is: 'goes_on' }],
  ['unpause what waits to be paid', unpause, { status: 'paused' }, waits, open],
])('%s: that is done already', (_what, deed, says, done, openInvoice) => {
  expect(planOf(deed, says, openInvoice)).toEqual({ plan: 'done', done });
});

const incomplete: Partial<Subscription> = { status: 'incomplete' };
const paused: Partial<Subscription> = { status: 'paused' };
const sent: Partial<Subscription> = { collectionMethod: 'send_invoice' };

test.each<[string, Deed, Partial<Subscription>, RegExp]>([
  ['cancel with a period that has not begun', cancelAtEnd, incomplete, /first payment, so no period .* cancel it now/],
  ['… that does not run', cancelAtEnd, paused, /is paused, so no period .*: cancel it now, or let it go on first/],
  [
    '… under a schedule',
    cancelAtEnd,
    scheduled,
    /schedule sub_sched_1.*: release the schedule first .*, or cancel .* now/,
  ],
  ['… later than the schedule', cancelAtEnd, { ...scheduled, cancelAt: may }, /release the schedule/],
  ['resume what has ended', resume, { status: 'canceled' }, /is canceled, for good: .*POST \/v1\/checkouts/],
  ['resume what never began', resume, { status: 'incomplete_expired' }, /POST \/v1\/checkouts/],
  ['resume before the first payment', resume, incomplete, /it begins when the customer pays/],
  ['resume what its schedule ends', resume, { ...scheduled, cancelAt: april }, /release the schedule/],
  ['resume what is sent', resume, { ...paused, ...sent }, /resumes only .* charged automatically first/],
  ['resume what is sent and to end', resume, { ...paused, ...sent, cancelAt: april }, /resumes only/],
  ['pause the collection of what has ended', pauseCollection, { status: 'canceled' }, /POST \/v1\/checkouts/],
  ['… of what never began', pauseCollection, { status: 'incomplete_expired' }, /POST \/v1\/checkouts/],
  ['… before the first payment', pauseCollection, incomplete, /it begins when the customer pays/],
  ['… of what is paused', pauseCollection, paused, /paused as a whole/],
  ['… of what is unpaid', pauseCollection, { status: 'unpaid' }, /tries no more to collect.*: cancel it, or have/],
  ['… until yesterday', { ...pauseCollection, until: march }, {}, /would end in the past/],
  ['… until now', { ...pauseCollection, until: now }, {}, /would end in the past/],
  ['pause what has ended', pause, { status: 'canceled' }, /POST \/v1\/checkouts/],
  ['pause what never began', pause, { status: 'incomplete_expired' }, /POST \/v1\/checkouts/],
  ['pause before the first payment', pause, incomplete, /it begins when the customer pays/],
  ['pause what is past due', pause, { status: 'past_due' }, /is past_due.*: pause the collection .*, or cancel it/],
  ['pause what is unpaid', pause, { status: 'unpaid' }, /is unpaid/],
  ['pause classic billing', pause, { billingMode: 'classic' }, /classic.*: pause the collection/],
  ['pause under a schedule', pause, scheduled, /schedule, sub_sched_1.*: release .*, or pause the collection/],
  ['pause what is sent', pause, sent, /pauses only .*: pause the collection/],
  ['pause what is not collected', pause, { pauseCollection: 'void' }, /end that first \(unpause\)/],
  ['unpause what has ended', unpause, { status: 'canceled' }, /POST \/v1\/checkouts/],
  ['unpause before the first payment', unpause, incomplete, /it begins when the customer pays/],
  ['unpause what is sent', unpause, { ...paused, ...sent }, /charged automatically first/],
])('%s: refused, and what to do instead', (_what, deed, says, sentence) => {
  expect(planOf(deed, says)).toEqual({ plan: 'refused', why: expect.stringMatching(sentence) });
});

describe('what is offered', () => {
  const all: Record<SubscriptionStatus, Possible[]> = {
    incomplete: ['cancel_now'],
    incomplete_expired: [],
    trialing: ['cancel_now', 'cancel_at_period_end', 'pause', 'pause_collection'],
    active: ['cancel_now', 'cancel_at_period_end', 'pause', 'pause_collection'],
    past_due: ['cancel_now', 'cancel_at_period_end', 'pause_collection'],
    unpaid: ['cancel_now', 'cancel_at_period_end'],
    canceled: [],
    paused: ['cancel_now', 'resume', 'unpause'],
  };
  const offered = (says: Partial<Subscription>) =>
    possibleNow({ subscription: subscription(says), openInvoice: undefined });

  test.each(STATUSES)('in the status %s', (status) => {
    expect(offered({ status })).toEqual(all[status]);
  });

  test.each<[string, Partial<Subscription>, Possible[]]>([
    ['its end is planned', { cancelAt: april }, ['cancel_now', 'resume', 'pause', 'pause_collection']],
    ['its collection is paused', { pauseCollection: 'void' }, ['cancel_now', 'cancel_at_period_end', 'unpause']],
    ['it is classic', { billingMode: 'classic' }, ['cancel_now', 'cancel_at_period_end', 'pause_collection']],
    ['it has a schedule', scheduled, ['cancel_now', 'pause_collection']],
  ])('when %s', (_what, says, possible) => {
    expect(offered(says)).toEqual(possible);
  });

  test('by the names of deeds', () => {
    const deeds = [cancelNow, cancelAtEnd, resume, pause, pauseCollection, unpause];
    expect(deeds.map(nameOf)).toEqual(POSSIBLE);
  });

  test('each of them somewhere', () => {
    const somewhere = [...STATUSES.flatMap((status) => all[status]), ...offered({ cancelAt: april })];
    expect(POSSIBLE.filter((name) => !somewhere.includes(name))).toEqual([]);
  });
});

test.each<[SubscriptionStatus, string | undefined]>([
  ['paused', 'in_latest'],
  ['unpaid', 'in_oldest'],
  ['past_due', undefined],
  ['active', undefined],
  ['incomplete', undefined],
])('of several open invoices, one that is %s waits for %s', (status, id) => {
  const oldestFirst = ['in_oldest', 'in_latest', 'in_other'].map((each) => ({ id: each, url: null }));
  expect(waitsFor({ status, latestInvoice: 'in_latest' }, oldestFirst)?.id).toBe(id);
  expect(waitsFor({ status, latestInvoice: 'in_paid' }, oldestFirst)?.id).toBe(id === 'in_latest' ? undefined : id);
});

test.each<[Done, string]>([
  [{ is: 'ended' }, 'It has ended.'],
  [{ is: 'ends', at: april }, 'It ends 2026-04-01, and gives until then what it gives now.'],
  [{ is: 'goes_on' }, 'It goes on.'],
  [waits, 'It goes on when invoice in_9 is paid: https://invoice.example/9'],
  [{ ...waits, url: null }, 'It goes on when invoice in_9 is paid'],
  [{ is: 'collection_paused', until: null }, 'Its invoices are not collected until somebody ends that.'],
  [{ is: 'collection_paused', until: may }, 'Its invoices are not collected until 2026-05-01.'],
  [{ is: 'paused' }, 'It is paused: it gives nothing, and no invoices are made, until it is resumed.'],
])('%j in words', (done, words) => {
  expect(doneInWords(done, (moment) => moment.toISOString().slice(0, 10))).toBe(words);
});
