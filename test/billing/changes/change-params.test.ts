import { describe, expect, test } from 'vitest';
import { type Change, paramsOf, renewalParams } from '../../../src/billing/changes/change-params.ts';
import { collectsBy } from '../../../src/billing/changes/collects.ts';
import type { Target } from '../../../src/billing/changes/targets.ts';
import { item, price } from '../../support/subscription-records.ts';

/** What Stripe is asked for a preview, and for the change: the same. */
const basic = price({ id: 'price_basic' });
const metered = price({ id: 'price_metered', usageType: 'metered' });
const changed: Target = { kind: 'changed', item: item(), price: basic, quantity: 2 };
const added: Target = { kind: 'added', price: basic, quantity: 1 };
const removed: Target = { kind: 'removed', item: item() };
const of = (says: Partial<Change> = {}): Change => ({
  subscription: 'sub_1',
  targets: [changed],
  trialEnd: null,
  prorationDate: null,
  collects: 'waits',
  ...says,
});
const ITEMS = [{ id: 'si_1', price: 'price_basic', quantity: 2 }];

test.each<[string, Partial<Change>, object, object]>([
  ['a change', {}, { items: ITEMS }, { payment_behavior: 'pending_if_incomplete' }],
  [
    'one that was previewed',
    { prorationDate: 17 },
    { items: ITEMS, proration_date: 17 },
    { payment_behavior: 'pending_if_incomplete' },
  ],
  ['one in a trial', { trialEnd: 99 }, { items: ITEMS, trial_end: 99 }, { payment_behavior: 'pending_if_incomplete' }],
  ['one that is invoiced', { collects: 'invoiced' }, { items: ITEMS }, {}],
  [
    'items that come and go',
    { collects: 'must_pay', targets: [removed, added] },
    {
      items: [
        { id: 'si_1', deleted: true },
        { price: 'price_basic', quantity: 1 },
      ],
    },
    { payment_behavior: 'error_if_incomplete' },
  ],
  [
    'what is metered',
    { targets: [{ kind: 'changed', item: item(), price: metered, quantity: null }] },
    { items: [{ id: 'si_1', price: 'price_metered' }] },
    { payment_behavior: 'pending_if_incomplete' },
  ],
])('%s is previewed and made by the same', (_, says, shared, payment) => {
  const asked = { ...shared, proration_behavior: 'always_invoice' };
  expect(paramsOf(of(says))).toEqual({
    preview: { subscription: 'sub_1', subscription_details: asked },
    update: { ...asked, ...payment, expand: ['latest_invoice'] },
  });
});

test('what the next period costs is asked for without what this one does', () => {
  expect(renewalParams('sub_1', [changed])).toEqual({
    subscription: 'sub_1',
    preview_mode: 'recurring',
    subscription_details: { items: ITEMS, proration_behavior: 'none' },
  });
});

describe('the money of a change', () => {
  test.each<[string | undefined, Target[], string]>([
    ['card', [changed], 'waits'],
    ['link', [added], 'waits'],
    [undefined, [changed], 'waits'],
    ['card', [changed, removed], 'must_pay'],
    [undefined, [removed], 'must_pay'],
    ['acss_debit', [changed], 'invoiced'],
    ['au_becs_debit', [changed], 'invoiced'],
    ['bacs_debit', [changed], 'invoiced'],
    ['nz_bank_account', [changed], 'invoiced'],
    ['sepa_debit', [removed], 'invoiced'],
    ['us_bank_account', [changed], 'invoiced'],
  ])('of a payment method %s', (kind, targets, collects) => {
    expect(collectsBy(kind, targets)).toBe(collects);
  });
});
