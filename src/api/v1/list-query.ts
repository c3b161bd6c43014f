import { z } from 'zod';
import type { PageAsked } from '../../platform/pages.ts';
import { ApiError } from './api-error.ts';
import { inQuery } from './problem-errors.ts';

/** How a list is asked for, a portion at a time. */
const LIMIT = 'must be 1 to 100';

export const portion = {
  limit: z.coerce.number(LIMIT).int(LIMIT).min(1, LIMIT).max(100, LIMIT).default(20),
  starting_after: z
    .string('must be given once')
    .optional()
    .meta({ description: 'Id of the last one of the portion before.' }),
  ending_before: z.string('must be given once').optional().meta({ description: 'Id of the first one, to go back.' }),
};

interface Asked {
  readonly limit: number;
  readonly starting_after?: string | undefined;
  readonly ending_before?: string | undefined;
}

/** For `refine`. */
export const oneWay = ({ starting_after: after, ending_before: before }: Asked) =>
  after === undefined || before === undefined;
export const ONE_WAY = { path: ['ending_before'], message: 'can’t be asked for together with starting_after' };

/** A list of which nothing but the portion is asked for. */
export const portionQuery = z.strictObject(portion).refine(oneWay, ONE_WAY);

/** @throws ApiError when the row to begin or end at is not there */
export async function portionOf<Page extends { readonly hasBefore: boolean; readonly hasAfter: boolean }>(
  { limit, starting_after: after, ending_before: before }: Asked,
  what: string,
  read: (asked: PageAsked) => Promise<Page | undefined>,
): Promise<{ readonly page: Page; readonly hasMore: boolean }> {
  const page = await read({ limit, after, before });
  if (!page) {
    const field = after === undefined ? 'ending_before' : 'starting_after';
    throw new ApiError('unreadable', 'The list can’t be asked for like this.', {
      errors: inQuery([{ field, message: `is the id of no ${what}` }]),
    });
  }
  return { page, hasMore: before ? page.hasBefore : page.hasAfter };
}
