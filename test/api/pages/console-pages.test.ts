import { describe, expect, test } from 'vitest';
import { rows } from '../../../src/platform/db.ts';
import { ownInvoices } from '../../support/own-invoices.ts';
import { type Answer, siteUnderTest } from './site.ts';

/** Paging through the lists of the console, by the links that are on their pages. */
const site = await siteUnderTest();
const { db } = site.deps;
const operator = await site.as('operator');

const fill = {
  /** Many at the same moment, so that only their ids tell them apart. */
  invoices: (many: number) =>
    rows(
      db,
      `INSERT INTO invoices (id, series, customer_name, currency, created_by, created_at)
       SELECT 'inv_' || substr(md5(n || :salt), 1, 16), '2026', 'Many', 'eur', 'test', now() - make_interval(mins => n / 40)
       FROM generate_series(1, :many) AS n`,
      { many, salt: crypto.randomUUID() },
    ),
  messages: (many: number) =>
    rows(
      db,
      `INSERT INTO messages (dedupe_key, channel, kind, recipient, data, state, created_at)
       SELECT gen_random_uuid(), 'mail', 'receipt', 'a@example.com', '{}', 'dead', now() - make_interval(mins => n / 40)
       FROM generate_series(1, :many) AS n`,
      { many },
    ),
  open: (many: number) => questions(many, 'open'),
  closed: (many: number) => questions(many, 'resolved'),
};
const questions = (many: number, state: string) =>
  rows(
    db,
    `INSERT INTO review_items (kind, subject, summary, state, opened_at, closed_at)
     SELECT 'event_failed', 'evt_' || gen_random_uuid(), 'x', :state, at, CASE WHEN :state <> 'open' THEN at END
     FROM (SELECT now() - make_interval(mins => n / 40) AS at FROM generate_series(1, :many) AS n) AS one`,
    { many, state },
  );

const idsOn = ({ html }: Answer) =>
  [...html.matchAll(/<td[^>]*><a href="\/console\/(?:invoices|messages|reviews)\/([\w-]+)"/g)].map(
    ([, id]) => id ?? '',
  );
/** Where the link of this name leads. */
const link = ({ html }: Answer, name: string) => {
  const [pages = ''] = /<nav class="pages"[\s\S]*?<\/nav>/.exec(html) ?? [];
  return new RegExp(`href="([^"]*)">${name}</a>`).exec(pages)?.[1]?.replaceAll('&amp;', '&');
};

describe.each([
  { name: 'invoices', path: '/console/invoices?status=draft&q=Many', on: 'Older', back: 'Newer', start: 'Newest' },
  { name: 'messages', path: '/console/messages?state=dead', on: 'Older', back: 'Newer', start: 'Newest' },
  { name: 'open', path: '/console/reviews', on: 'Newer', back: 'Older', start: 'Oldest' },
  { name: 'closed', path: '/console/reviews?state=closed', on: 'Older', back: 'Newer', start: 'Newest' },
] as const)('the list of $name', ({ name, path, on, back, start }) => {
  const empty = () => rows(db, 'TRUNCATE invoices, messages, review_items CASCADE');

  test('shows each row once on the way to its end and back, though new ones come in between', async () => {
    await empty();
    await fill[name](120);
    const forth: string[][] = [];
    let page = await operator(path);
    expect([link(page, back), link(page, start)]).toEqual([undefined, undefined]);
    for (;;) {
      forth.push(idsOn(page));
      const next = link(page, on);
      if (!next) break;
      if (name !== 'open') await fill[name](3);
      page = await operator(next);
    }
    expect(forth.map((ids) => ids.length)).toEqual([50, 50, 20]);
    expect(new Set(forth.flat()).size).toBe(120);
    expect(link(page, start)).toBe(name === 'open' ? '/console/reviews?state=open' : path);

    page = await operator(link(page, back) ?? '');
    expect(idsOn(page)).toEqual(forth[1]);
    page = await operator(link(page, back) ?? '');
    expect(idsOn(page)).toEqual(forth[0]);
  });

  test('begins anew where a page before a row would be torn', async () => {
    await empty();
    await fill[name](60);
    const first = await operator(path);
    const sign = path.includes('?') ? '&' : '?';
    const torn = await operator(`${path}${sign}before=${idsOn(first)[5]}`);
    expect(idsOn(torn)).toEqual(idsOn(first));
    expect(torn.html).not.toContain('role="alert"');
  });

  test.each(['nothing', "inv_'", '%00x', '99999999999999999999', '00000000-0000-0000-0000-000000000000'])(
    'says so and begins anew when the address leads to no row: %s',
    async (place) => {
      await empty();
      await fill[name](2);
      for (const side of ['after', 'before']) {
        const page = await operator(`${path}${path.includes('?') ? '&' : '?'}${side}=${place}`);
        expect(page.status).toBe(200);
        expect(page.html).toMatch(/role="alert">The address leads to no place in this list/);
        expect(idsOn(page)).toHaveLength(2);
      }
    },
  );

  test('shows a way out of a page that has lost its rows', async () => {
    await empty();
    await fill[name](51);
    const first = await operator(path);
    const last = await operator(link(first, on) ?? '');
    const beyond = await operator(`${path}${path.includes('?') ? '&' : '?'}after=${idsOn(last).at(-1)}`);
    expect(idsOn(beyond)).toEqual([]);
    expect(idsOn(await operator(link(beyond, start) ?? ''))).toEqual(idsOn(first));
  });

  test('of one page has no links to others', async () => {
    await empty();
    await fill[name](50);
    expect((await operator(path)).html).not.toContain('class="pages"');
  });
});

test('the list of invoices shows what each comes to', async () => {
  await rows(db, 'TRUNCATE invoices CASCADE');
  const { issued } = ownInvoices(site);
  for (const unit_amount of [1_100, 2_200, 3_300]) {
    await issued({
      lines: [
        { description: 'x', unit_amount },
        { description: 'y', unit_amount: 5 },
      ],
    });
  }
  const { html } = await operator('/console/invoices');
  expect([...html.matchAll(/>(EUR [\d.]+)</g)].map(([, total]) => total)).toEqual([
    'EUR 33.05',
    'EUR 22.05',
    'EUR 11.05',
  ]);
});
