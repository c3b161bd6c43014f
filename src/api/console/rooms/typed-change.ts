import { z } from 'zod';
import type { WantedChange, WantedItem } from '../../../billing/changes/wanted-change.ts';
import { Refused } from '../../../platform/errors.ts';
import { line } from '../frame/typed.ts';

/** A change of a subscription as it is typed: fields of the form, and what they mean. */
export const changeFields = {
  item: line,
  plan: line,
  price: line,
  quantity: line,
  remove: line,
  when: line,
};
const typed = z.object(changeFields);
export type TypedChange = z.output<typeof typed>;

export const NOTHING_TYPED: TypedChange = { item: '', plan: '', price: '', quantity: '', remove: '', when: 'now' };

/** Chosen instead of an item that is there. */
export const FURTHER = 'further';

/** @throws Refused when the quantity is no number */
export function wantedIn({ item, plan, price, quantity, remove, when }: TypedChange): WantedChange {
  const count = quantity === '' ? undefined : Number(quantity);
  if (count !== undefined && !(Number.isSafeInteger(count) && count > 0)) {
    throw new Refused(`${quantity} is no quantity: it is a whole number from 1 on.`);
  }
  const wanted: WantedItem = {
    ...(item === FURTHER || item === '' ? {} : { item }),
    ...(plan === '' ? {} : { plan }),
    ...(price === '' ? {} : { price }),
    ...(count === undefined ? {} : { quantity: count }),
    ...(remove === 'yes' ? { remove: true } : {}),
  };
  return { items: [wanted], when: when === 'period_end' ? 'period_end' : 'now' };
}
