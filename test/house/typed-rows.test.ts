import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { connect } from '../../src/platform/db.ts';
import { messageOf } from '../../src/platform/log.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { freshDatabase } from '../support/database.ts';
import { Describer, together } from './rows/described.ts';
import { type RowCall, rowCalls } from './rows/row-calls.ts';
import { liesOf } from './rows/row-lies.ts';

/**
 * `rows<Row>(db, sql)` believes whoever calls it. Here Postgres is asked: each statement of src is parsed against the migrated
 * schema, and what it returns is compared with what its `Row` says: names, types, NULL, and the texts that a CHECK allows.
 */

/** Pieces of statements that are known only when they run, by how they begin, and what to read in their place. */
const standIns = [
  {
    file: 'src/billing/stripe-invoices/payment-invoices.ts',
    begins: '[...columns.map(',
    text: 'number = :number, tried_at = now()',
    why: '`advance` writes the columns that its callers name',
  },
  {
    file: 'src/billing/payments/payment-lease.ts',
    begins: 'when',
    text: `settled_at IS NOT NULL OR verdict = 'review'`,
    why: 'who takes a lease says of what it is not needed',
  },
];
const standInFor = (file: string, code: string) =>
  standIns.find((each) => each.file === file && code.startsWith(each.begins))?.text;

/** Statements that are made of what their callers pass, and where they are read instead. */
const elsewhere = new Map([['src/platform/pages.ts', 'the SELECT of each caller of `readPage` is read there']]);

/** Columns of which the schema would allow what their type does not say; and why it never happens. */
const neverSo = new Map([
  ['src/stripe/contact.ts last_error: may be NULL', 'is written and cleared together with `failing_since`'],
  [
    'src/billing/own-invoices/checkout-attempts.ts session_params: may be NULL',
    'gets the given ones where it has none',
  ],
  ['src/api/health.ts name: may be NULL', 'the table is that of knex, which names every migration'],
  ['src/billing/telling/tell-systems.ts key: may be NULL', 'paid: payment_invoices_drafted'],
  ['src/billing/telling/tell-systems.ts at: may be NULL', 'is written with the step `paid`; credit_notes_issued'],
  ['src/billing/telling/tell-systems.ts number: may be NULL', 'paid: invoices_numbered'],
  ['src/billing/telling/tell-systems.ts payment_intent: may be NULL', 'paid: invoices_paid'],
  ['src/billing/telling/tell-systems.ts paid_at: may be NULL', 'paid: invoices_paid'],
  ['src/billing/telling/tell-systems.ts amount: may be NULL', 'paid: invoices_paid'],
  ['src/billing/record-pages.ts turned: may be draft or void', 'asks for issued and paid ones'],
  ['src/billing/desk/review-notices.ts notice: may be NULL', 'is the first of those that are told, so there is one'],
  ['src/messages/claim-message.ts cap_key: may be NULL', 'is written together with `cap_most`'],
  ['src/messages/claim-message.ts cap_seconds: may be NULL', 'is written together with `cap_most`'],
]);

const { url } = await freshDatabase();
const client = new pg.Client({ connectionString: url });
await client.connect();
releaseAfterFile(() => client.end());
const db = connect(url, { name: 'test', connections: 1 });
releaseAfterFile(() => db.destroy());
const describer = new Describer(client, db);

const { calls, checker, close } = rowCalls(standInFor);
releaseAfterFile(async () => close());
const fileOf = ({ place }: RowCall) => place.slice(0, place.lastIndexOf(':'));
const used = new Set<string>();

async function liesIn(call: RowCall, texts: readonly string[]): Promise<string[]> {
  const answers = [];
  try {
    for (const text of texts) answers.push(await describer.columnsOf(text, call.isNamed));
  } catch (error) {
    return [`Postgres refuses it: ${messageOf(error)}`];
  }
  return call.row ? liesOf(call.row, together(answers), checker, call.isGeneric) : [];
}

const files = Map.groupBy(
  calls.filter((call) => !elsewhere.has(fileOf(call))),
  fileOf,
);

describe('Postgres takes each statement, and returns what is said of its rows', () => {
  test.each([...files])('%s', async (file, inFile) => {
    const complaints: string[] = [];
    for (const call of inFile) {
      if (call.notKnown !== undefined)
        complaints.push(`${call.place} is made of what is not known here: ${call.notKnown}`);
      for (const lie of await liesIn(call, call.texts)) {
        const excuse = `${file} ${lie.replace(/, which .*/, '')}`;
        if (neverSo.has(excuse)) used.add(excuse);
        else complaints.push(`${call.place} ${lie}`);
      }
    }
    expect(complaints).toEqual([]);
  });

  test('nothing is excused that needs no excuse', () => {
    expect([...neverSo.keys()].filter((excuse) => !used.has(excuse))).toEqual([]);
    expect([...elsewhere.keys()].filter((file) => !calls.some((call) => fileOf(call) === file))).toEqual([]);
  });

  test('none is overlooked', () => {
    expect(calls.length).toBeGreaterThan(200);
    expect(calls.filter(({ row }) => row !== undefined).length).toBeGreaterThan(100);
  });
});

describe('a row that is said to be', () => {
  const said = (file: string, column: string) => calls.find((call) => fileOf(call) === file && call.row?.has(column));
  const admin = said('src/billing/people/admins.ts', 'disabled_at');
  const people = 'id, name, role, created_at, signed_in_at';

  test.each<[string, RowCall | undefined, string, unknown[]]>([
    [
      'an admin, of a statement that Postgres refuses',
      admin,
      'SELECT nothing FROM admin_users',
      ['Postgres refuses it: column "nothing" does not exist'],
    ],
    ['an admin', admin, `SELECT ${people}, disabled_at FROM admin_users`, []],
    [
      '… of which a column is missing',
      admin,
      `SELECT ${people} FROM admin_users`,
      ['disabled_at: the statement returns no such column'],
    ],
    [
      '… with one too many',
      admin,
      `SELECT ${people}, disabled_at, password FROM admin_users`,
      ['password: is returned, and nobody says so'],
    ],
    [
      '… with another type',
      admin,
      `SELECT ${people}, 1 AS disabled_at FROM admin_users`,
      ['disabled_at: int4 is read as number, not as Date | null'],
    ],
    [
      '… that may be missing',
      admin,
      `SELECT ${people.replace('created_at', 'disabled_at AS created_at')}, disabled_at FROM admin_users`,
      ['created_at: may be NULL, which Date does not say'],
    ],
    [
      '… of which more is known',
      admin,
      `SELECT ${people}, created_at AS disabled_at FROM admin_users`,
      ['disabled_at: is NOT NULL, and Date | null makes everybody ask'],
    ],
    [
      '… with more roles than are known',
      admin,
      'SELECT a.id, name, r.state AS role, created_at, signed_in_at, disabled_at FROM admin_users a, review_items r',
      [expect.stringMatching(/^role: may be open or resolved or dismissed, which .* does not say$/)],
    ],
  ])('%s', async (_what, call, statement, lies) => {
    expect(call && (await liesIn(call, [statement]))).toEqual(lies);
  });
});
