import { describe, expect, test } from 'vitest';
import type { Grant } from '../../../src/billing/access/grant.ts';
import { grantsOfSubscription, type SubscriptionRecords } from '../../../src/billing/access/subscription-access.ts';
import { type AccessPolicy, accessPolicy } from '../../../src/billing/policy/access.ts';
import type {
  InvoiceLine,
  Item,
  Price,
  Subscription,
  SubscriptionInvoice,
} from '../../../src/billing/subscriptions/subscription.ts';
import { april, invoice, item, line, march, may, price, subscription } from '../../support/subscription-records.ts';

/** What a subscription gives, and until when: by what was paid, as a table. */
const policyOf = (more: object = {}): AccessPolicy =>
  accessPolicy.parse({
    plans: {
      basic: { name: 'Basic', prices: ['basic_monthly'], features: ['basic'] },
      pro: { name: 'Pro', prices: ['pro_monthly', 'pro_yearly'], features: ['pro'] },
      seats: { name: 'Seats', product: 'prod_seats', features: { seats: { per_unit: 1 }, storage: 10, kind: 'team' } },
      api: { name: 'Calls', prices: ['calls'], features: ['calls'] },
    },
    ...more,
  });
const basic = price({ id: 'price_basic', product: 'prod_basic', lookupKey: 'basic_monthly', unitAmount: 1_000 });
const pro = price();
const proYearly = price({ id: 'price_year', lookupKey: 'pro_yearly', unitAmount: 30_000, interval: 'year' });
const calls = price({
  id: 'price_calls',
  product: 'prod_calls',
  lookupKey: 'calls',
  unitAmount: 1,
  usageType: 'metered',
});
const seat = price({ id: 'price_seat', product: 'prod_seats', lookupKey: null, unitAmount: 500 });
const prices = new Map<string, Price>([basic, pro, proYearly, calls, seat].map((each) => [each.id, each]));

const hours = (from: Date, count: number) => new Date(from.getTime() + count * 3_600_000);
const days = (from: Date, count: number) => hours(from, count * 24);

function grantsOf(
  says: Partial<Subscription>,
  invoices: SubscriptionInvoice[] = [invoice()],
  policy = policyOf(),
  takenBack: SubscriptionRecords['takenBack'] = new Set(),
): Record<string, Omit<Grant, 'feature'>> {
  const grants = grantsOfSubscription({ subscription: subscription(says), invoices, prices, takenBack }, policy);
  return Object.fromEntries(grants.map(({ feature, ...grant }) => [feature, grant]));
}
const given = (until: Date | null, more: Partial<Grant> = {}) => ({
  value: null,
  until,
  graceUntil: null,
  bridgedUntil: null,
  ...more,
});
/** As long as Stripe calls it active a renewal may take three days and an hour. */
const renewing = (until: Date) => given(until, { bridgedUntil: hours(until, 73) });
const inGrace = (until: Date) => given(until, { graceUntil: days(until, 14) });

describe('charged in advance', () => {
  const renewal = (says: Partial<SubscriptionInvoice>) =>
    invoice({ id: 'in_2', created: april, lines: [line({ id: 'il_2', periodStart: april, periodEnd: may })], ...says });
  const inApril: Partial<Subscription> = { items: [item({ periodStart: april, periodEnd: may })] };

  test.each<[string, Partial<Subscription>, SubscriptionInvoice[], object]>([
    ['and paid: until the end of what was paid', {}, [invoice()], { pro: renewing(april) }],
    ['renewed: the later end counts', inApril, [renewal({}), invoice()], { pro: renewing(may) }],
    [
      'whose period has moved, and its renewal is a draft',
      inApril,
      [renewal({ status: 'draft' }), invoice()],
      { pro: renewing(april) },
    ],
    [
      'that a schedule has given another item, before its renewal is paid',
      { items: [item({ id: 'si_9', price: basic, periodStart: april, periodEnd: may })] },
      [invoice()],
      { basic: renewing(april) },
    ],
    [
      'that a schedule has given a dearer one',
      { items: [item({ id: 'si_9', price: pro, periodStart: april, periodEnd: may })] },
      [invoice({ lines: [line({ price: basic.id })] })],
      { basic: renewing(april) },
    ],
    [
      'with a further item, which nobody has paid',
      { items: [item(), item({ id: 'si_9', price: basic })] },
      [invoice()],
      { pro: renewing(april) },
    ],
    [
      'with an item instead of one that was removed, which nobody has paid',
      { items: [item({ id: 'si_9', price: basic })] },
      [invoice()],
      {},
    ],
    ['whose renewal is being tried', inApril, [renewal({ status: 'open' }), invoice()], { pro: renewing(april) }],
    [
      'whose renewal failed: in grace',
      { ...inApril, status: 'past_due' },
      [renewal({ status: 'open' }), invoice()],
      { pro: inGrace(april) },
    ],
    [
      'that Stripe calls unpaid: in grace',
      { ...inApril, status: 'unpaid' },
      [renewal({ status: 'open' }), invoice()],
      { pro: inGrace(april) },
    ],
    ['that was never paid: nothing', {}, [invoice({ status: 'open' })], {}],
    ['whose invoice was written off: nothing', {}, [invoice({ status: 'uncollectible' })], {}],
    ['whose invoice is void: nothing', {}, [invoice({ status: 'void' })], {}],
    [
      'over nothing: as paid',
      {},
      [invoice({ total: 0, amountPaid: 0, lines: [line({ amount: 0 })] })],
      { pro: renewing(april) },
    ],
    ['to end with its period', { cancelAtPeriodEnd: true }, [invoice()], { pro: given(april) }],
    ['to end before its period does', { cancelAt: days(march, 10) }, [invoice()], { pro: given(days(march, 10)) }],
    ['to end after its next period', { cancelAt: may }, [invoice()], { pro: renewing(april) }],
    ['past due, to end', { status: 'past_due', cancelAtPeriodEnd: true }, [invoice()], { pro: inGrace(april) }],
  ])('%s', (_what, says, invoices, grants) => {
    expect(grantsOf(says, invoices)).toEqual(grants);
  });

  test('taken back: what was paid before still counts', () => {
    const both = [renewal({}), invoice()];
    expect(grantsOf(inApril, both, policyOf(), new Set(['in_2']))).toEqual({ pro: renewing(april) });
    expect(grantsOf(inApril, both, policyOf(), new Set(['in_1', 'in_2']))).toEqual({});
  });

  test('grace is as long as the policy says', () => {
    expect(grantsOf({ status: 'past_due' }, [invoice()], policyOf({ grace_days: 0 }))).toEqual({
      pro: given(april, { graceUntil: april }),
    });
  });
});

describe.each<Subscription['status']>(['incomplete', 'incomplete_expired', 'canceled', 'paused'])('%s', (status) => {
  test('gives nothing, whatever was paid', () => {
    expect(grantsOf({ status })).toEqual({});
  });
});

describe('a change of plan', () => {
  const now = (at: Price, quantity = 1): Partial<Subscription> => ({ items: [item({ price: at, quantity })] });
  const paidAt = (at: Price, says: Partial<Parameters<typeof line>[0]> = {}) =>
    line({ id: `il_${at.id}`, price: at.id, amount: at.unitAmount ?? 0, ...says });
  const inFebruary = (paid: InvoiceLine) => ({ ...paid, periodStart: days(march, -28), periodEnd: march });
  const credit = line({ id: 'il_credit', amount: -500, proration: true });

  test.each<[string, Partial<Subscription>, SubscriptionInvoice[], string, Date]>([
    ['up, and paid: the new plan', now(pro), [invoice({ lines: [credit, paidAt(pro)] })], 'pro', april],
    ['up, not paid yet: what was paid', now(pro), [invoice({ lines: [paidAt(basic)] })], 'basic', april],
    [
      'up, its invoice open: what was paid',
      now(pro),
      [invoice({ id: 'in_2', status: 'open', lines: [paidAt(pro)] }), invoice({ lines: [paidAt(basic)] })],
      'basic',
      april,
    ],
    ['down: the new plan at once, for what was paid', now(basic), [invoice({ lines: [paidAt(pro)] })], 'basic', april],
    [
      'to the year, paid',
      now(proYearly),
      [invoice({ lines: [credit, paidAt(proYearly, { periodEnd: may })] })],
      'pro',
      may,
    ],
    ['to the year, which costs less a day: at once', now(proYearly), [invoice({ lines: [paidAt(pro)] })], 'pro', april],
    [
      'to another currency: what was paid',
      now({ ...basic, id: 'price_usd', currency: 'usd' }),
      [invoice({ lines: [paidAt(pro)] })],
      'pro',
      april,
    ],
    [
      'to a price that depends on the quantity: what was paid',
      now({ ...basic, id: 'price_tiers', unitAmount: null }),
      [invoice({ lines: [paidAt(pro)] })],
      'pro',
      april,
    ],
    [
      'down, in a later period, to a price that was paid once: for what was paid last',
      now(basic),
      [invoice({ lines: [paidAt(pro)] }), invoice({ id: 'in_0', lines: [inFebruary(paidAt(basic))] })],
      'basic',
      april,
    ],
    [
      'up, not paid yet, to a price that was paid once: what was paid last',
      now(pro),
      [invoice({ lines: [paidAt(basic)] }), invoice({ id: 'in_0', lines: [inFebruary(paidAt(pro))] })],
      'basic',
      april,
    ],
    [
      'from the year to the month: the rest of the year is given back',
      now(pro),
      [
        invoice({ lines: [credit, paidAt(pro, { periodStart: days(march, 3) })] }),
        invoice({ id: 'in_0', lines: [paidAt(proYearly, { periodEnd: may })] }),
      ],
      'pro',
      april,
    ],
    [
      'up and down again in one period: what was paid at first',
      now(basic),
      [invoice({ lines: [paidAt(pro)] }), invoice({ id: 'in_0', lines: [paidAt(basic)] })],
      'basic',
      april,
    ],
  ])('%s', (_what, says, invoices, feature, until) => {
    expect(grantsOf(says, invoices)).toEqual({ [feature]: renewing(until) });
  });

  test.each<[string, number, number, number]>([
    ['more seats, paid', 8, 8, 8],
    ['more seats, not paid yet', 8, 6, 6],
    ['fewer seats: at once', 4, 6, 4],
  ])('%s', (_what, wanted, paid, has) => {
    const invoices = [invoice({ lines: [paidAt(seat, { quantity: paid })] })];
    expect(grantsOf(now(seat, wanted), invoices).seats?.value).toBe(has);
  });

  test('an increase is a line more for the same time, and a credit is no payment', () => {
    const lines = [
      paidAt(seat, { quantity: 6 }),
      paidAt(seat, { id: 'il_8', quantity: 8 }),
      { ...credit, price: seat.id, quantity: 9 },
    ];
    expect(grantsOf(now(seat, 8), [invoice({ lines })]).seats?.value).toBe(8);
  });

  test('a proration that names no item counts by its price', () => {
    const lines = [
      line({ item: null, price: pro.id }),
      line({ id: 'il_x', item: null, price: basic.id, periodEnd: may }),
    ];
    expect(grantsOf(now(pro), [invoice({ lines })])).toEqual({ pro: renewing(april) });
  });
});

describe('several items', () => {
  const two = (one: Item, other: Item): Partial<Subscription> => ({ items: [one, other] });
  const seats = item({ id: 'si_2', price: seat, quantity: 3 });
  const seatsPaid = line({ id: 'il_2', item: 'si_2', price: seat.id, quantity: 3 });

  test('whichever stands first, each gives its own', () => {
    const invoices = [invoice({ lines: [line(), seatsPaid] })];
    const grants = grantsOf(two(item(), seats), invoices);
    expect(grants).toEqual(grantsOf(two(seats, item()), invoices));
    expect(Object.keys(grants).sort()).toEqual(['kind', 'pro', 'seats', 'storage']);
    expect([grants.seats?.value, grants.storage?.value, grants.kind?.value]).toEqual([3, 10, 'team']);
  });

  test('of one plan add up, and the longest counts', () => {
    const more = item({ id: 'si_3', price: seat, quantity: 2, periodEnd: may });
    const lines = [seatsPaid, line({ id: 'il_3', item: 'si_3', price: seat.id, quantity: 2, periodEnd: may })];
    expect(grantsOf(two(seats, more), [invoice({ lines })]).seats).toEqual({ ...renewing(may), value: 5 });
  });

  test('a price that no plan names gives nothing, and takes nothing from the others', () => {
    const unknown = item({ id: 'si_9', price: price({ id: 'price_other', product: 'prod_other', lookupKey: null }) });
    expect(Object.keys(grantsOf(two(unknown, item())))).toEqual(['pro']);
  });
});

describe('a trial', () => {
  const trialEnd = days(march, 14);
  const onTrial: Partial<Subscription> = { status: 'trialing', trialEnd };
  test.each<[string, Partial<Subscription>, object]>([
    ['that goes on by itself', {}, renewing(trialEnd)],
    ['after which Stripe pauses it, with a card', { afterTrial: 'pause' }, renewing(trialEnd)],
    ['after which Stripe pauses it, without a card', { afterTrial: 'pause', paymentMethod: null }, given(trialEnd)],
    ['after which Stripe cancels it, without a card', { afterTrial: 'cancel', paymentMethod: null }, given(trialEnd)],
    ['that is invoiced without a card', { paymentMethod: null }, renewing(trialEnd)],
    ['to end before', { cancelAt: days(march, 3) }, given(days(march, 3))],
    ['to end with it', { cancelAt: trialEnd }, given(trialEnd)],
  ])('%s', (_what, says, grant) => {
    expect(grantsOf({ ...onTrial, ...says }, [])).toEqual({ pro: grant });
  });
});

describe('paid by invoice', () => {
  const due = days(march, 30);
  const sent: Partial<Subscription> = { collectionMethod: 'send_invoice' };
  const open = invoice({ status: 'open', dueDate: due, collectionMethod: 'send_invoice' });
  test.each<[string, Partial<Subscription>, SubscriptionInvoice[], object]>([
    ['that is open: until it is due, then in grace', {}, [open], { pro: inGrace(due) }],
    ['that is overdue', { status: 'past_due' }, [open], { pro: inGrace(due) }],
    ['that is paid', {}, [invoice()], { pro: renewing(april) }],
    [
      'that is open, while what was paid before goes on longer',
      {},
      [open, invoice({ id: 'in_0', lines: [line({ periodEnd: may })] })],
      { pro: renewing(may) },
    ],
    ['that is open, to end before it is due', { cancelAt: days(march, 5) }, [open], { pro: inGrace(days(march, 5)) }],
    ['of which there is only a draft', {}, [invoice({ status: 'draft' })], {}],
    [
      'that is open for a change: what was paid before holds',
      {},
      [
        { ...open, billingReason: 'subscription_update', dueDate: days(may, 5) },
        invoice({ id: 'in_0', lines: [line({ price: basic.id })] }),
      ],
      { basic: renewing(april) },
    ],
    [
      'two of them open: the first that is due',
      {},
      [open, invoice({ id: 'in_0', status: 'open', dueDate: days(march, 20) })],
      { pro: inGrace(days(march, 20)) },
    ],
  ])('%s', (_what, says, invoices, grants) => {
    expect(grantsOf({ ...sent, ...says }, invoices)).toEqual(grants);
  });
});

describe('charged for what was used', () => {
  const metered: Partial<Subscription> = { items: [item({ price: calls, quantity: null })] };
  test.each<[string, Partial<Subscription>, object]>([
    ['while Stripe calls it active', {}, given(null)],
    ['to end', { cancelAtPeriodEnd: true }, given(april)],
    ['that was not paid: in grace from its last period on', { status: 'past_due' }, inGrace(march)],
  ])('%s', (_what, says, grant) => {
    expect(grantsOf({ ...metered, ...says }, [])).toEqual({ calls: grant });
  });
});

test.each<['keep' | 'end', object]>([
  ['keep', { pro: given(null) }],
  ['end', {}],
])('while collection is paused, %s', (while_collection_paused, grants) => {
  expect(grantsOf({ pauseCollection: 'void' }, [invoice()], policyOf({ while_collection_paused }))).toEqual(grants);
});

test.each(['past_due', 'unpaid'] as const)(
  'while collection is paused, one that is %s has its grace and no more',
  (status) => {
    expect(grantsOf({ status, pauseCollection: 'void' }, [invoice()])).toEqual({ pro: inGrace(april) });
    const ending = policyOf({ while_collection_paused: 'end' });
    expect(grantsOf({ status, pauseCollection: 'void' }, [invoice()], ending)).toEqual({});
  },
);
