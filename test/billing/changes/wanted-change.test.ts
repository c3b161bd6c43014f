import { expect, test } from 'vitest';
import { addressed, type WantedChange } from '../../../src/billing/changes/wanted-change.ts';
import { InvalidInput } from '../../../src/billing/own-invoices/invoice-input.ts';
import { item, price } from '../../support/subscription-records.ts';

/** Which item each wish is about. */
const pro = item();
const seats = item({
  id: 'si_2',
  price: price({ id: 'price_seat', lookupKey: null, product: 'prod_seat' }),
  quantity: 3,
});
const both = 'si_1 (pro_monthly), si_2 (price_seat)';
const of = (items: WantedChange['items']): WantedChange => ({ items, when: 'now' });

test.each<[string, WantedChange, object[]]>([
  ['the only one', { only: { plan: 'basic' }, when: 'now' }, [{ at: '', item: pro, wanted: { plan: 'basic' } }]],
  ['one by its id', of([{ item: 'si_1', quantity: 2 }]), [{ at: 'items.0.', item: pro, wanted: { quantity: 2 } }]],
  ['a further one', of([{ plan: 'seats' }]), [{ at: 'items.0.', item: undefined }]],
  [
    'one that goes for another',
    of([{ item: 'si_1', remove: true }, { plan: 'x' }]),
    [{ item: pro }, { item: undefined }],
  ],
])('%s', (_, wanted, found) => {
  const got = addressed(wanted, [pro]);
  expect(got).toMatchObject(found);
  expect(got).toHaveLength(found.length);
});

test.each<[string, WantedChange, string, string]>([
  ['nothing of the only one', { only: {}, when: 'now' }, 'plan', 'is required, or a price, or a quantity'],
  ['nothing at all', { when: 'now' }, 'plan', 'is required, or a price, a quantity, or items'],
  ['an empty list', of([]), 'plan', 'is required, or a price, a quantity, or items'],
  [
    'one that is none of it',
    of([{ item: 'si_3', plan: 'x' }]),
    'items.0.item',
    `si_3 is no item of it: it has ${both}`,
  ],
  [
    'one twice',
    of([
      { item: 'si_1', quantity: 2 },
      { item: 'si_1', plan: 'x' },
    ]),
    'items.1.item',
    'is named twice',
  ],
  [
    'nobody knows which one removed',
    of([{ remove: true }]),
    'items.0.item',
    'is required: which one is to be removed?',
  ],
  [
    'one removed and changed',
    of([{ item: 'si_1', remove: true, quantity: 2 }]),
    'items.0.remove',
    'leaves nothing else to be asked for',
  ],
  ['a further one of nothing', of([{ quantity: 2 }]), 'items.0.plan', 'is required for a further item, or a price'],
  ['nothing of an item', of([{ item: 'si_1' }]), 'items.0.plan', 'is required, or a price, a quantity, or remove'],
  [
    'all of them removed',
    of([
      { item: 'si_1', remove: true },
      { item: 'si_2', remove: true },
    ]),
    'items',
    'must leave an item: to end the subscription, cancel it',
  ],
])('%s is told at its field', (_, wanted, field, message) => {
  expect(problemsOf(wanted, wanted.only ? [pro] : [pro, seats])).toEqual([{ field, message }]);
});

test('of several items somebody must say which', () => {
  const wanted: WantedChange = { only: { plan: 'basic' }, when: 'now' };
  const message = `is required: say which item it is about, of ${both}`;
  expect(problemsOf(wanted, [pro, seats])).toEqual([{ field: 'items', message }]);
});

function problemsOf(wanted: WantedChange, there: Parameters<typeof addressed>[1]): unknown {
  try {
    return addressed(wanted, there);
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems;
    throw error;
  }
}
