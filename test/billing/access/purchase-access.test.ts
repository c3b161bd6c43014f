import { describe, expect, test } from 'vitest';
import type { Purchase } from '../../../src/billing/access/purchase.ts';
import { accessOfPurchase, type Known } from '../../../src/billing/access/purchase-access.ts';
import { type AccessPolicy, accessPolicy } from '../../../src/billing/policy/access.ts';

/** What a purchase gives, and to whom. */
const untouched: Known = { refunded: 0, disputeLost: false };
const paidAt = new Date('2026-03-01T10:00:00Z');
const course = { product: 'prod_course', price: 'price_1', quantity: 1, description: 'Watercolour' };
const purchase: Purchase = {
  paymentIntent: 'pi_1',
  saidReference: 'user-1',
  metadata: {},
  customer: 'cus_1',
  testClock: null,
  email: null,
  description: null,
  items: [course],
  amount: 14_900,
  currency: 'eur',
  paidAt,
};
const policyOf = (more: object = {}): AccessPolicy =>
  accessPolicy.parse({
    purchases: [{ name: 'Watercolour', when: { product: 'prod_course' }, features: { watercolour: true } }],
    ...more,
  });
const forever = { value: null, until: null, graceUntil: null, bridgedUntil: null };

describe('whose it is', () => {
  const byMetadata = policyOf({ reference_metadata: ['user_id', 'email_id'] });
  test.each<[string, Partial<Purchase>, Partial<Known>, AccessPolicy, string, boolean]>([
    ['client_reference_id', {}, {}, policyOf(), 'user-1', true],
    ['client_reference_id before metadata', { metadata: { user_id: 'm' } }, {}, byMetadata, 'user-1', true],
    ['a key of metadata', { saidReference: null, metadata: { user_id: 'm' } }, {}, byMetadata, 'm', true],
    ['the next key', { saidReference: null, metadata: { user_id: ' ', email_id: 'e' } }, {}, byMetadata, 'e', true],
    [
      'metadata before the customer',
      { saidReference: null, metadata: { user_id: 'm' } },
      { mapped: 'c' },
      byMetadata,
      'm',
      true,
    ],
    ['the customer', { saidReference: null }, { mapped: 'c' }, policyOf(), 'c', false],
    ['the customer, when the reference is empty', { saidReference: '' }, { mapped: 'c' }, policyOf(), 'c', false],
    [
      'the customer, when the reference is too long',
      { saidReference: 'x'.repeat(201) },
      { mapped: 'c' },
      policyOf(),
      'c',
      false,
    ],
    ['a reference of 200 characters', { saidReference: 'x'.repeat(200) }, {}, policyOf(), 'x'.repeat(200), true],
    ['a person before everything', {}, { assigned: { reference: 'p' }, mapped: 'c' }, policyOf(), 'p', true],
  ])('%s', (_what, of, known, policy, reference, isSaid) => {
    expect(accessOfPurchase({ ...purchase, ...of }, { ...untouched, ...known }, policy)).toEqual({
      gives: 'access',
      reference,
      isSaid,
      bought: ['Watercolour'],
      grants: [{ feature: 'watercolour', ...forever }],
    });
  });

  test.each<[string, Partial<Purchase>, AccessPolicy]>([
    ['without any', { saidReference: null }, byMetadata],
    ['in metadata that the policy does not name', { saidReference: null, metadata: { user_id: 'm' } }, policyOf()],
  ])('is asked %s', (_what, of, policy) => {
    expect(accessOfPurchase({ ...purchase, ...of }, untouched, policy)).toEqual({
      gives: 'question',
      bought: ['Watercolour'],
    });
  });

  test('nobody’s, by a person', () => {
    expect(accessOfPurchase(purchase, { ...untouched, assigned: { reference: null } }, policyOf())).toEqual({
      gives: 'nothing',
      because: 'a person decided that it is nobody’s',
    });
  });
});

describe('what is given', () => {
  const rule = (when: object, more: object = {}) => ({ name: 'It', when, features: { it: true }, ...more });
  test.each<[string, object, Partial<Purchase>, boolean]>([
    ['the product', { product: 'prod_course' }, {}, true],
    ['another product', { product: 'prod_other' }, {}, false],
    ['one of several products', { product: ['prod_other', 'prod_course'] }, {}, true],
    [
      'the product of the second line',
      { product: 'prod_b' },
      { items: [course, { ...course, product: 'prod_b' }] },
      true,
    ],
    ['no line at all', { product: 'prod_course' }, { items: [] }, false],
    ['the price', { price: 'price_1' }, {}, true],
    ['another price', { price: 'price_2' }, {}, false],
    ['the description of a line', { description: '/water/i' }, {}, true],
    ['the description of the payment', { description: 'Course' }, { description: 'Course', items: [] }, true],
    ['another description', { description: 'Course' }, {}, false],
    ['metadata', { metadata: { course: 'a' } }, { metadata: { course: 'a' } }, true],
    ['other metadata', { metadata: { course: 'a' } }, { metadata: { course: 'b' } }, false],
    ['no such metadata', { metadata: { course: 'a' } }, {}, false],
    ['one of two conditions', { product: 'prod_course', price: 'price_2' }, {}, false],
    ['both conditions', { product: 'prod_course', price: 'price_1' }, {}, true],
  ])('%s', (_what, when, of, isGiven) => {
    const decided = accessOfPurchase({ ...purchase, ...of }, untouched, policyOf({ purchases: [rule(when)] }));
    expect(decided.gives).toBe(isGiven ? 'access' : 'nothing');
  });

  const given = (purchases: object[]) => {
    const decided = accessOfPurchase(purchase, untouched, policyOf({ purchases }));
    return decided.gives === 'access' ? decided.grants : [];
  };
  const is = { product: 'prod_course' };

  test('every rule that fits counts', () => {
    expect(given([rule(is, { features: { a: true } }), rule(is, { features: { b: true } })])).toEqual([
      { feature: 'a', ...forever },
      { feature: 'b', ...forever },
    ]);
  });

  test('for so many days from the payment on', () => {
    expect(given([rule(is, { days: 365 })])).toEqual([
      { feature: 'it', ...forever, until: new Date('2027-03-01T10:00:00Z') },
    ]);
  });

  test.each<[string, object, object, Date | null]>([
    ['the longest', { days: 1 }, { days: 2 }, new Date('2026-03-03T10:00:00Z')],
    ['the longest, whichever stands first', { days: 2 }, { days: 1 }, new Date('2026-03-03T10:00:00Z')],
    ['that without an end', { days: 1 }, {}, null],
    ['that without an end, whichever stands first', {}, { days: 1 }, null],
  ])('of two rules for a feature %s counts', (_what, one, other, until) => {
    expect(given([rule(is, one), rule(is, other)])).toEqual([{ feature: 'it', ...forever, until }]);
  });

  test.each<[unknown, unknown, unknown]>([
    [5, 3, 5],
    [3, 5, 5],
    [true, 3, 3],
    [true, 'gold', 'gold'],
    ['gold', 'silver', 'gold'],
    [true, true, null],
  ])('%s and %s of a feature are %s', (one, other, value) => {
    expect(given([rule(is, { features: { it: one } }), rule(is, { features: { it: other } })])).toEqual([
      { feature: 'it', ...forever, value },
    ]);
  });
});

describe('what is taken back', () => {
  const kept = policyOf({ ends_after: { full_refund: false, lost_dispute: false } });
  test.each<[string, Partial<Known>, AccessPolicy, string | undefined]>([
    ['nothing', {}, policyOf(), undefined],
    ['a part', { refunded: 14_899 }, policyOf(), undefined],
    ['all of it', { refunded: 14_900 }, policyOf(), 'it was refunded'],
    ['more than all of it', { refunded: 20_000 }, policyOf(), 'it was refunded'],
    ['all of it, which the policy lets pass', { refunded: 14_900 }, kept, undefined],
    ['a lost dispute', { disputeLost: true }, policyOf(), 'its dispute was lost'],
    ['a lost dispute, which the policy lets pass', { disputeLost: true }, kept, undefined],
    [
      'all of it, although a person has given it',
      { refunded: 14_900, assigned: { reference: 'p' } },
      policyOf(),
      'it was refunded',
    ],
  ])('%s', (_what, known, policy, because) => {
    const decided = accessOfPurchase(purchase, { ...untouched, ...known }, policy);
    expect(decided).toMatchObject(because === undefined ? { gives: 'access' } : { gives: 'nothing', because });
  });

  test('nobody is asked about what was refunded, nor about what gives nothing', () => {
    const unknown = { ...purchase, saidReference: null };
    expect(accessOfPurchase(unknown, { ...untouched, refunded: 14_900 }, policyOf()).gives).toBe('nothing');
    expect(accessOfPurchase(unknown, untouched, accessPolicy.parse({}))).toEqual({
      gives: 'nothing',
      because: 'nothing of it is in the policy',
    });
  });
});
