import { type Db, firstRow } from '../../src/platform/db.ts';
import { bug } from '../../src/platform/errors.ts';

/** Every address whose time must not depend on how much is stored, with what it may take at the most. */
export type Page = {
  what: string;
  path: string;
  /** Who asks: nobody in particular, somebody at the console, or a program with a key. */
  as: 'anybody' | 'admin' | 'program';
  /** Milliseconds, at the 95th percentile. */
  bar: number;
};

const PAGE_BAR = 150;
const SCRAPE_BAR = 50;

export async function pagesOf(db: Db): Promise<Page[]> {
  /** The ids of a list; `list` is what follows FROM. */
  const idsOf = async (list: string): Promise<string[]> =>
    (await firstRow<{ ids: string[] }>(db, `SELECT array(SELECT id::text FROM ${list}) AS ids`))?.ids ?? [];
  const someOf = async (list: string): Promise<string> => middleOf(await idsOf(list));

  /** First page, one in the middle, and one near the end. */
  async function paged(what: string, path: string, list: string, as: 'admin' | 'program' = 'admin'): Promise<Page[]> {
    const after = as === 'admin' ? 'after' : 'starting_after';
    const sign = path.includes('?') ? '&' : '?';
    const ids = await idsOf(list);
    const beforeLast = ids.at(-26) ?? ids[0] ?? bug(`nothing is seeded: ${list}`);
    return [
      { what, path, as, bar: PAGE_BAR },
      { what: `${what}, middle`, path: `${path}${sign}${after}=${middleOf(ids)}`, as, bar: PAGE_BAR },
      { what: `${what}, end`, path: `${path}${sign}${after}=${beforeLast}`, as, bar: PAGE_BAR },
    ];
  }
  const page = (what: string, path: string): Page => ({ what, path, as: 'admin', bar: PAGE_BAR });
  const invoices = (where: string): string => `invoices WHERE ${where} ORDER BY created_at DESC, id DESC`;
  const messages = (where: string): string => `messages WHERE ${where} ORDER BY created_at DESC, id DESC`;
  const paidInvoice = await someOf(invoices(`status = 'paid'`));
  const payment = await firstRow<{ id: string; event: string }>(
    db,
    `SELECT payment_intent AS id, id AS event FROM stripe_events WHERE outcome = 'processed' AND payment_intent IS NOT NULL LIMIT 1`,
  );
  const number = await firstRow<{ number: string }>(db, 'SELECT number FROM invoices WHERE id = ?', [paidInvoice]);
  return [
    { what: '/metrics', path: '/metrics', as: 'anybody', bar: SCRAPE_BAR },
    { what: '/readyz', path: '/readyz', as: 'anybody', bar: SCRAPE_BAR },
    page('overview', '/console'),
    ...(await paged('invoices', '/console/invoices', invoices('true'))),
    ...(await paged('invoices, paid', '/console/invoices?status=paid', invoices(`status = 'paid'`))),
    ...(await paged(
      'invoices, overdue',
      '/console/invoices?status=overdue',
      invoices(`status = 'issued' AND due_date < current_date`),
    )),
    page('invoices, search for a number', `/console/invoices?q=${number?.number}`),
    page('invoices, search for a name', '/console/invoices?q=barbara'),
    page('invoices, search without result', '/console/invoices?q=nobody+has+this+name'),
    page('an invoice', `/console/invoices/${paidInvoice}`),
    page('a draft', `/console/invoices/${await someOf(invoices(`status = 'draft'`))}/edit`),
    page('a new invoice', '/console/invoices/new'),
    ...(await paged('reviews', '/console/reviews', `review_items WHERE state = 'open' ORDER BY opened_at, id`)),
    ...(await paged(
      'reviews, closed',
      '/console/reviews?state=closed',
      `review_items WHERE state <> 'open' ORDER BY closed_at DESC, id DESC`,
    )),
    page('a review', `/console/reviews/${await someOf(`review_items WHERE state <> 'open' ORDER BY id`)}`),
    ...(await paged('messages', '/console/messages', messages('true'))),
    ...(await paged('messages, given up', '/console/messages?state=dead', messages(`state = 'dead'`))),
    page('a message', `/console/messages/${await someOf(messages('true'))}`),
    page('a payment', `/console/payments/${payment?.id}`),
    page('queues', '/console/queues'),
    page('an event', `/console/events/${payment?.event}`),
    ...(await paged('/v1/invoices', '/v1/invoices?limit=100', invoices('true'), 'program')),
    ...(await paged(
      '/v1/invoices, overdue',
      '/v1/invoices?limit=100&status=overdue',
      invoices(`status = 'issued' AND due_date < current_date`),
      'program',
    )),
    { what: '/v1/invoices/ID', path: `/v1/invoices/${paidInvoice}`, as: 'program', bar: PAGE_BAR },
    { what: '/v1/invoices, search', path: '/v1/invoices?search=barbara', as: 'program', bar: PAGE_BAR },
  ];
}

function middleOf(ids: readonly string[]): string {
  return ids[Math.floor(ids.length / 2)] ?? bug('nothing is seeded');
}
