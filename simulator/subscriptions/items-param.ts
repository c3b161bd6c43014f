import type { Context } from '../core/context.ts';
import { noSuch, refused } from '../core/errors.ts';
import type { Params } from '../core/params.ts';
import type { changedItemShape } from './params.ts';
import type { Subscription } from './subscription.ts';
import { changedTerms, checkTogether, newTerms, type Terms, termsOf } from './terms.ts';

export type SentItems = readonly Partial<Params<typeof changedItemShape>>[];

/**
 * The items of a subscription after an update: those that it names change or go, one without an id is a further one, all
 * others stay as they are.
 */
export function termsAfter(context: Context, subscription: Subscription, sent: SentItems): Terms[] {
  const items = new Map(subscription.items.data.map((item) => [item.id, termsOf(item)]));
  for (const [index, one] of sent.entries()) {
    const param = `items[${index}]`;
    if (one.id === undefined) {
      if (one.deleted === true) throw refused('An item without an id cannot be deleted.', { param: `${param}[id]` });
      const terms = newTerms(context, one, param);
      items.set(terms.id, terms);
      continue;
    }
    const before = items.get(one.id);
    // Of another subscription is as good as nowhere: never fall back to some item.
    if (before === undefined) throw noSuch('subscription_item', one.id, `${param}[id]`, 400);
    if (one.deleted === true) items.delete(one.id);
    else items.set(one.id, changedTerms(context, before, one, param));
  }
  const after = [...items.values()];
  if (after.length === 0) {
    throw refused('A subscription must have at least one active item. To end it, cancel the subscription instead.', {
      param: 'items',
    });
  }
  checkTogether(after, subscription.billing_mode.type === 'flexible', subscription.currency);
  return after;
}
