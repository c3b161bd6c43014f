import { invalidParam, noSuch } from './errors.ts';
import type { Params } from './params.ts';
import type { listParams } from './shared-params.ts';
import type { ListOf, Stored } from './wire.ts';

export type Page = Params<typeof listParams>;

/**
 * One page of a list. `items` come in the order of the list (newest first for most). `ending_before` gives the page just
 * before the cursor, still in the same order; `has_more` then speaks of what comes before it.
 * Source: https://docs.stripe.com/api/pagination
 */
export function paginate<T extends Stored>(items: Iterable<T>, page: Page, url: string): ListOf<T> {
  const limit = page.limit ?? 10;
  if (limit > 100) {
    const message = `This value must be less than or equal to 100 (it currently is '${limit}').`;
    throw invalidParam(message, 'limit', 'parameter_invalid_integer');
  }
  if (limit < 1) {
    const message = 'This value must be greater than or equal to 1.';
    throw invalidParam(message, 'limit', 'parameter_invalid_integer');
  }
  if (page.starting_after !== undefined && page.ending_before !== undefined) {
    const message = 'You may only specify one of these parameters: starting_after, ending_before.';
    throw invalidParam(message, 'ending_before', 'parameters_exclusive');
  }
  if (page.ending_before !== undefined) return before(items, page.ending_before, limit, url);
  return after(items, page.starting_after, limit, url);
}

function after<T extends Stored>(
  items: Iterable<T>,
  cursor: string | undefined,
  limit: number,
  url: string,
): ListOf<T> {
  const data: T[] = [];
  let begun = cursor === undefined;
  for (const item of items) {
    if (!begun) {
      begun = item.id === cursor;
      continue;
    }
    if (data.length === limit) return { object: 'list', data, has_more: true, url };
    data.push(item);
  }
  if (!begun && cursor !== undefined) throw noSuch('object', cursor, 'starting_after', 400);
  return { object: 'list', data, has_more: false, url };
}

function before<T extends Stored>(items: Iterable<T>, cursor: string, limit: number, url: string): ListOf<T> {
  const newer: T[] = [];
  for (const item of items) {
    if (item.id === cursor) {
      return { object: 'list', data: newer.slice(-limit), has_more: newer.length > limit, url };
    }
    newer.push(item);
  }
  throw noSuch('object', cursor, 'ending_before', 400);
}

/** A complete list inside another object, such as the first lines of an invoice: at most `limit` of them. */
export function sublist<T>(items: readonly T[], url: string, limit = 10): ListOf<T> {
  return { object: 'list', data: items.slice(0, limit), has_more: items.length > limit, url };
}
