import { describe, expect, test } from 'vitest';
import { grantsOfSubscription } from '../../../src/billing/access/subscription-access.ts';
import { accessPolicy } from '../../../src/billing/policy/access.ts';
import type {
  InvoiceLine,
  Price,
  Subscription,
  SubscriptionInvoice,
} from '../../../src/billing/subscriptions/subscription.ts';
import { april, invoice, item, line, march, may, price, subscription } from '../../support/subscription-records.ts';

/** Which price is the dearer one, how much of a thing is given, and which invoice is the one that counts: as tables. */
const policy = accessPolicy.parse({
  plans: {
    old: { name: 'Old', prices: ['old'], features: { places: { per_unit: 1 }, old: true } },
    new: { name: 'New', prices: ['new'], features: { places: { per_unit: 1 }, new: true } },
  },
});
const old = price({ id: 'price_old', lookupKey: 'old' });
const unnamed = price({ id: 'price_unnamed', product: 'prod_other', lookupKey: null });

interface Says {
  readonly subscription?: Partial<Subscription>;
  readonly wanted?: Price;
  readonly invoices?: SubscriptionInvoice[];
  readonly prices?: readonly Price[];
}

function given({
  subscription: says = {},
  wanted = old,
  invoices = [invoice({ lines: [paid()] })],
  prices = [old],
}: Says) {
  const records = {
    subscription: subscription({ items: [item({ price: wanted })], ...says }),
    invoices,
    prices: new Map([...prices, wanted].map((each) => [each.id, each])),
    takenBack: new Set<string>(),
  };
  const grants = grantsOfSubscription(records, policy);
  return Object.fromEntries(grants.map(({ feature, value, until }) => [feature, value ?? until]));
}
function paid(says: Partial<InvoiceLine> = {}): InvoiceLine {
  return line({ price: old.id, ...says });
}

describe('a price that nobody has paid yet is given at once where it', () => {
  const costs = (says: Partial<Price>) => price({ id: 'price_new', lookupKey: 'new', ...says });
  test.each<[string, Partial<Price>, 'old' | 'new']>([
    ['costs the same', { unitAmount: 3_000 }, 'new'],
    ['costs a cent more: not', { unitAmount: 3_001 }, 'old'],
    ['is three times as much for three months', { unitAmount: 9_000, intervalCount: 3 }, 'new'],
    ['is a little more for three months: not', { unitAmount: 9_001, intervalCount: 3 }, 'old'],
    ['is twelve times as much for a year', { unitAmount: 36_000, interval: 'year' }, 'new'],
    ['is more than that for a year: not', { unitAmount: 36_001, interval: 'year' }, 'old'],
    ['is a fifth for a week', { unitAmount: 600, interval: 'week' }, 'new'],
    ['is a quarter for a week: not', { unitAmount: 750, interval: 'week' }, 'old'],
    ['is a fortieth for a day', { unitAmount: 75, interval: 'day' }, 'new'],
    ['is a twentieth for a day: not', { unitAmount: 150, interval: 'day' }, 'old'],
    ['has no count of its interval, and costs the same', { unitAmount: 3_000, intervalCount: null }, 'new'],
    ['has no interval: not', { unitAmount: 1, interval: null }, 'old'],
    ['has no amount of its own: not', { unitAmount: null }, 'old'],
    ['is in another currency: not', { unitAmount: 1, currency: 'usd' }, 'old'],
  ])('%s', (_what, says, feature) => {
    expect(Object.keys(given({ wanted: costs(says) }))).toContain(feature);
  });

  test('costs something, and what was paid had no amount of its own: not', () => {
    const tiers = { ...old, unitAmount: null };
    expect(Object.keys(given({ wanted: costs({ unitAmount: 1 }), prices: [tiers] }))).toContain('old');
  });

  test('is all that is known of', () => {
    const wanted = costs({ unitAmount: 9_000 });
    expect(Object.keys(given({ wanted, prices: [] }))).toContain('new');
    expect(Object.keys(given({ wanted, invoices: [invoice({ lines: [paid({ price: null })] })] }))).toContain('new');
  });
});

describe('of a quantity', () => {
  const trial: Partial<Subscription> = { status: 'trialing', trialEnd: april };
  test.each<[string, Says, number]>([
    ['on trial', { subscription: { ...trial, items: [item({ price: old, quantity: 7 })] } }, 7],
    [
      'on trial, of which none is told',
      { subscription: { ...trial, items: [item({ price: old, quantity: null })] } },
      1,
    ],
    [
      'whose collection is paused',
      { subscription: { pauseCollection: 'void', items: [item({ price: old, quantity: 7 })] } },
      7,
    ],
    [
      'by an invoice that is open',
      {
        subscription: { collectionMethod: 'send_invoice', items: [item({ price: old, quantity: 7 })] },
        invoices: [invoice({ status: 'open', dueDate: april, lines: [paid({ quantity: 7 })] })],
      },
      7,
    ],
    ['of which none is told on what was paid', { invoices: [invoice({ lines: [paid({ quantity: null })] })] }, 1],
    [
      'that was not paid at this price',
      {
        wanted: price({ id: 'price_new', lookupKey: 'new', unitAmount: 9_000 }),
        invoices: [invoice({ lines: [paid({ quantity: 4 })] })],
      },
      4,
    ],
    [
      'of which two are paid for the same time, the larger',
      {
        subscription: { items: [item({ price: old, quantity: 9 })] },
        invoices: [invoice({ lines: [paid({ quantity: 9 }), paid({ id: 'il_2', quantity: 5 })] })],
      },
      9,
    ],
  ])('%s', (_what, says, places) => {
    expect(given(says).places).toBe(places);
  });
});

test.each<[string, Partial<Subscription>]>([
  ['on trial', { status: 'trialing', trialEnd: april }],
  ['whose collection is paused', { pauseCollection: 'void' }],
  ['that is paid', {}],
  ['that was used', { items: [item({ price: { ...unnamed, usageType: 'metered' } })] }],
  ['by invoice', { collectionMethod: 'send_invoice' }],
])('a price that no plan names gives nothing, %s', (_what, says) => {
  const items = [item({ price: unnamed })];
  const open = invoice({ id: 'in_open', status: 'open', dueDate: april, lines: [paid({ price: unnamed.id })] });
  const invoices = [open, invoice({ lines: [paid({ price: unnamed.id })] })];
  expect(given({ subscription: { items, ...says }, wanted: unnamed, invoices })).toEqual({});
});

test('a trial of which no end is told gives nothing', () => {
  expect(given({ subscription: { status: 'trialing', trialEnd: null } })).toEqual({});
});

describe('by invoice, what is open counts', () => {
  const sent: Partial<Subscription> = { collectionMethod: 'send_invoice' };
  const due = new Date('2026-03-20T00:00:00Z');
  const open = (says: Partial<SubscriptionInvoice>) => invoice({ id: 'in_2', status: 'open', dueDate: due, ...says });
  const before = invoice({ lines: [paid({ periodEnd: march })] });
  test.each<[string, SubscriptionInvoice[], Date]>([
    ['until it is due', [open({ lines: [paid()] }), before], due],
    ['with other lines beside', [open({ lines: [paid({ id: 'il_2', item: 'si_other' }), paid()] }), before], due],
    ['unless it is over something else', [open({ lines: [paid({ item: 'si_other' })] }), before], march],
    ['unless it is paid', [open({ status: 'paid', lines: [paid({ periodEnd: march })] }), before], march],
    ['unless it is void', [open({ status: 'void', lines: [paid()] }), before], march],
    [
      'unless what is paid goes on longer',
      [open({ lines: [paid()] }), invoice({ lines: [paid({ periodEnd: may })] })],
      may,
    ],
  ])('%s', (_what, invoices, until) => {
    expect(given({ subscription: sent, invoices }).old).toEqual(until);
  });
});

describe('what was paid for an item that is gone', () => {
  const next = item({ id: 'si_2', price: old, periodStart: april, periodEnd: may });
  test('counts for one that begins where it ended', () => {
    expect(given({ subscription: { items: [next] } }).old).toEqual(april);
  });
  test('counts for none while its own item is there', () => {
    const items = [item({ price: unnamed }), next];
    expect(given({ subscription: { items }, prices: [old, unnamed] })).toEqual({});
    const both = [item({ price: old, quantity: 2 }), next];
    expect(given({ subscription: { items: both } }).places).toBe(1);
  });
  test('is no credit', () => {
    const credit = paid({ amount: -3_000, proration: true });
    expect(given({ subscription: { items: [next] }, invoices: [invoice({ lines: [credit] })] })).toEqual({});
  });
});
