import { describe, expect, test } from 'vitest';
import { cardToTry, type TriedMethod, whereToSet } from '../../../src/billing/recovery/card-to-try.ts';
import type { SavedMethod } from '../../../src/stripe/collection.ts';

/** Days from the first failure. */
const day = (days: number) => new Date(Date.UTC(2026, 2, 1, 10) + days * 86_400_000);

type Saved = readonly [id: string, created: number, card?: string, expires?: string];
type Tried = readonly [at: number, card: string | null, of?: Partial<TriedMethod>];

interface Situation {
  /** Newest first. */
  readonly saved: readonly Saved[];
  readonly ofSubscription?: string;
  readonly ofCustomer?: string;
  readonly source?: boolean;
  readonly tries?: readonly Tried[];
  readonly now?: number;
}

const savedMethod = ([id, created, card = id, expires = '2030-01']: Saved): SavedMethod => ({
  id,
  card,
  created: day(created),
  expires: expires === 'unknown' ? null : expires,
});
const methodsOf = ({ saved, ofSubscription, ofCustomer, source }: Situation) => ({
  ofSubscription: ofSubscription ?? null,
  hasOwnSource: source ?? false,
  ofCustomer: ofCustomer ?? null,
  saved: saved.map(savedMethod),
});
const triesOf = ({ tries = [[0, 'A']] }: Situation): TriedMethod[] =>
  tries.map(([at, card, of]) => ({
    at: day(at),
    card,
    paymentMethod: null,
    cardExpires: '2030-01',
    nothingThere: false,
    ...of,
  }));

const OLD: Saved = ['A', -90];

describe('the card that is tried', () => {
  test.each<[string, Situation, readonly [string, number] | undefined]>([
    ['the one that Stripe charges, when nothing is new', { saved: [OLD], ofSubscription: 'A' }, ['A', -90]],
    ['that of the customer, where the subscription has none', { saved: [OLD], ofCustomer: 'A' }, ['A', -90]],
    ['a new one that is set', { saved: [['B', 1], OLD], ofSubscription: 'B' }, ['B', 1]],
    ['a new one that nobody has set', { saved: [['B', 1], OLD], ofSubscription: 'A' }, ['B', 1]],
    [
      'a new one behind the old one of the subscription',
      { saved: [['B', 1], OLD], ofSubscription: 'A', ofCustomer: 'B' },
      ['B', 1],
    ],
    ['of two new ones the latest', { saved: [['C', 2], ['B', 1], OLD], ofSubscription: 'A' }, ['C', 2]],
    [
      'of two new ones that of the customer',
      { saved: [['C', 2], ['B', 1], OLD], ofSubscription: 'A', ofCustomer: 'B' },
      ['B', 1],
    ],
    [
      'of two new ones the one that is charged',
      {
        saved: [
          ['C', 2],
          ['B', 1],
        ],
        ofSubscription: 'B',
      },
      ['B', 1],
    ],
    [
      'another one, once the first was declined',
      {
        saved: [['C', 2], ['B', 1], OLD],
        ofSubscription: 'C',
        tries: [
          [0, 'A'],
          [2.5, 'C'],
        ],
      },
      ['B', 1],
    ],
    ['an older one that is charged only now', { saved: [OLD, ['Z', -100]], ofSubscription: 'Z' }, ['Z', 3]],
    ['not an older one that is only saved', { saved: [OLD, ['Z', -100]], ofSubscription: 'A' }, ['A', -90]],
    [
      'not an older one of the customer behind that of the subscription',
      { saved: [OLD, ['Z', -100]], ofSubscription: 'A', ofCustomer: 'Z' },
      ['A', -90],
    ],
    [
      'the first one at all',
      { saved: [['A', -90]], ofCustomer: 'A', tries: [[0, null, { nothingThere: true }]] },
      ['A', 3],
    ],
    ['the same, typed in again', { saved: [['A2', 1, 'A'], OLD], ofSubscription: 'A' }, ['A', 1]],
    ['the same with new data', { saved: [['A', -90, 'A', '2031-01']], ofSubscription: 'A' }, ['A', 3]],
    [
      'the same, of whose data nothing was known',
      { saved: [OLD], ofSubscription: 'A', tries: [[0, 'A', { cardExpires: null }]] },
      ['A', -90],
    ],
    [
      'the same under another number, which the bank has renewed',
      { saved: [['A', -90, 'A2']], ofSubscription: 'A' },
      ['A2', 3],
    ],
    [
      'the one that a payment waits for its owner with',
      { saved: [OLD], ofSubscription: 'A', tries: [[0, null, { paymentMethod: 'A' }]] },
      ['A', -90],
    ],
    [
      'the one that was tried before it was made, by a test clock',
      { saved: [['A', 5]], ofSubscription: 'A', tries: [[0, 'A', { paymentMethod: 'A' }]] },
      ['A', 0],
    ],
    [
      'the one that was there when nobody told what was charged',
      { saved: [OLD], ofSubscription: 'A', tries: [[0, null]] },
      ['A', -90],
    ],
    ['one that came after nobody told', { saved: [['B', 1], OLD], ofSubscription: 'B', tries: [[0, null]] }, ['B', 1]],
    [
      'a new one, where a source of old is charged',
      {
        saved: [
          ['B', 1],
          ['Z', -9],
        ],
        source: true,
        ofCustomer: 'Z',
      },
      ['B', 1],
    ],
    ['none, where a source of old is charged', { saved: [OLD], source: true, ofCustomer: 'A' }, undefined],
    [
      'not one that was saved in the second of the failure',
      { saved: [['B', 0], OLD], ofSubscription: 'A' },
      ['A', -90],
    ],
    [
      'of two new ones that of the customer, whichever is newer',
      { saved: [['B', 2], ['C', 1], OLD], ofSubscription: 'A', ofCustomer: 'C' },
      ['C', 1],
    ],
    ['one that nobody has tried, set before', { saved: [['Z', -9]], ofSubscription: 'Z', tries: [] }, ['Z', 3]],
    [
      'the same, typed in again in the second of the try',
      { saved: [['A2', 0, 'A'], OLD], ofSubscription: 'A2' },
      ['A', 0],
    ],
    [
      'the same, of whose data nothing is known now',
      { saved: [['A', -90, 'A', 'unknown']], ofSubscription: 'A' },
      ['A', -90],
    ],
    [
      'the one whose fingerprint is not known, by its id',
      { saved: [OLD, ['Z', -100]], ofSubscription: 'Z', tries: [[0, null, { paymentMethod: 'A' }]] },
      ['Z', 3],
    ],
    [
      'not one that came when nobody told, in that second',
      { saved: [['B', 0]], ofSubscription: 'B', tries: [[0, null]] },
      ['B', 0],
    ],
    ['none, when nothing is saved', { saved: [], ofSubscription: 'gone' }, undefined],
    ['none, when nothing is set', { saved: [OLD] }, undefined],
  ])('is %s', (_which, situation, expected) => {
    const found = cardToTry(methodsOf(situation), triesOf(situation), day(0), day(situation.now ?? 3));
    expect(found && [found.id, found.since]).toEqual(expected && [expected[0], day(expected[1])]);
  });

  test('is charged by the method that is saved, not by an older one of the same card', () => {
    const situation: Situation = { saved: [['A2', 1, 'A'], OLD], ofSubscription: 'A' };
    expect(cardToTry(methodsOf(situation), triesOf(situation), day(0), day(3))?.method).toBe('A2');
  });
});

describe('it is set', () => {
  test.each<[string, Situation, boolean, boolean]>([
    ['on both, where nothing is', { saved: [['B', 1]] }, true, true],
    [
      'on both, in place of what was declined',
      { saved: [['B', 1], OLD], ofSubscription: 'A', ofCustomer: 'A' },
      true,
      true,
    ],
    [
      'on the subscription, where the customer has it',
      { saved: [['B', 1], OLD], ofSubscription: 'A', ofCustomer: 'B' },
      true,
      false,
    ],
    [
      'on the subscription, where the customer has one that works',
      { saved: [['B', 1], OLD, ['Z', -9]], ofSubscription: 'A', ofCustomer: 'Z' },
      true,
      false,
    ],
    [
      'on the customer, where he has one that is gone',
      { saved: [['B', 1]], ofSubscription: 'B', ofCustomer: 'gone' },
      false,
      true,
    ],
    [
      'on the customer, in place of what was declined among others',
      {
        saved: [['B', 1], OLD],
        ofSubscription: 'B',
        ofCustomer: 'A',
        tries: [
          [-1, 'X'],
          [0, 'A'],
        ],
      },
      false,
      true,
    ],
    [
      'nowhere, where it is everywhere, though it was declined',
      { saved: [['B', 1]], ofSubscription: 'B', ofCustomer: 'B', tries: [[2, 'B']] },
      false,
      false,
    ],
    ['nowhere, where it is everywhere', { saved: [['B', 1]], ofSubscription: 'B', ofCustomer: 'B' }, false, false],
  ])('%s', (_where, situation, onSubscription, onCustomer) => {
    expect(whereToSet(savedMethod(['B', 1]), methodsOf(situation), triesOf(situation))).toEqual({
      onSubscription,
      onCustomer,
    });
  });
});
