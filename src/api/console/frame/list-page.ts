import type { Page, PageAsked } from '../../../platform/pages.ts';
import type { Visit } from './visit.ts';

/** Which part of a list the address asks for: `after` or `before` a row's id, or neither: its beginning. */
const PAGE_ROWS = 50;

export interface ListPage<Row> {
  readonly page: Page<Row>;
  /** Said above the list when the address named a row that is not there. */
  readonly problem: string | undefined;
}

/** A page that ends before a row is never a torn one: where the list begins within it, its first page is shown. */
export async function listPage<Row>(
  { query }: Pick<Visit, 'query'>,
  read: (asked: PageAsked) => Promise<Page<Row> | undefined>,
): Promise<ListPage<Row>> {
  const after = query('after') || undefined;
  const before = after ? undefined : query('before') || undefined;
  const page = await read({ limit: PAGE_ROWS, after, before });
  if (page && (!before || page.rows.length === PAGE_ROWS)) return { page, problem: undefined };
  const first = await read({ limit: PAGE_ROWS });
  return {
    page: first ?? { rows: [], hasBefore: false, hasAfter: false },
    problem: page ? undefined : 'The address leads to no place in this list. This is its beginning.',
  };
}
