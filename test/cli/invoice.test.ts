import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCheckout } from '../../src/billing/own-invoices/open-checkout.ts';
import { rows } from '../../src/platform/db.ts';
import { billingUnderTest } from '../support/billing-deps.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { quittance } from '../support/command.ts';
import { invoiceBody, recordedDraft, recordedIssued, recordedPaid } from '../support/recorded-invoices.ts';

const { deps, settings, side } = await billingUnderTest();
const { db } = deps;
const invoice = (words: string[], input = '') => quittance(['invoice', ...words], settings, input);
const create = (words: string[], input: unknown) =>
  invoice(['create', '--file', '-', ...words], typeof input === 'string' ? input : JSON.stringify(input));

const folder = mkdtempSync(join(tmpdir(), 'quittance-cli-'));
releaseAfterFile(async () => rmSync(folder, { recursive: true }));

test('a draft comes from standard input, or from a file', async () => {
  const end = await create([], invoiceBody());
  expect(end).toMatchObject({ code: 0, stderr: '' });
  expect(end.stdout).toMatch(/^inv_[a-z0-9]{16} {2}no number {2}draft {2}EUR 258\.00\n$/);
  const file = join(folder, 'invoice.json');
  for (const mark of ['', '\uFEFF']) {
    writeFileSync(file, mark + JSON.stringify(invoiceBody()));
    expect((await invoice(['create', '--file', file])).code).toBe(0);
  }
});

test('issued at once it has a number and a link, and goes out by mail when that is asked for', async () => {
  const end = await create(['--issue', '--mail'], invoiceBody());
  const [head, link] = end.stdout.split('\n');
  expect(head).toMatch(/^inv_\w+ {2}\d{4}-\d{5} {2}issued {2}EUR 258\.00$/);
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:9\/i\/[\w-]{38}$/);
  const queued = await rows(db, `SELECT recipient FROM messages WHERE kind = 'invoice_issued'`);
  expect(queued).toEqual([{ recipient: 'ada@example.com' }]);
});

test.each([
  [
    'wrong fields',
    [],
    { ...invoiceBody(), currency: 'xyz', customer_name: '' },
    'customer_name is required; currency must be',
  ],
  [
    'a total that Stripe does not charge',
    [],
    invoiceBody({ currency: 'isk', lines: [{ description: 'Map', unit_amount: 50_050 }] }),
    'lines come to ISK 500.50 with tax: Stripe charges only multiples of ISK 1.00',
  ],
  ['no JSON', [], '{"customer_name":', 'not readable JSON'],
  ['a mail without an issue', ['--mail'], invoiceBody(), '--mail needs --issue'],
  [
    'a mail without an address',
    ['--issue', '--mail'],
    invoiceBody({ customer_email: null }),
    'customer_email is needed',
  ],
])('%s are told in one sentence, and nothing is made', async (_what, words, input, complaint) => {
  const before = await rows(db, 'SELECT id FROM invoices');
  const end = await create(words, input);
  expect([end.code, end.stdout]).toEqual([1, '']);
  expect(end.stderr).toContain(complaint);
  expect(end.stderr.trim().split('\n')).toHaveLength(1);
  expect(await rows(db, 'SELECT id FROM invoices')).toHaveLength(before.length);
});

test('a file that is not there is named', async () => {
  expect(await invoice(['create', '--file', '/nowhere/invoice.json'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('/nowhere/invoice.json'),
  });
});

test('a draft is issued by its id, once', async () => {
  const { id } = await recordedDraft(db);
  const first = await invoice(['issue', id]);
  expect(first.stdout).toMatch(/issued {2}EUR 258\.00\nhttp/);
  expect((await invoice(['issue', id])).stdout).toBe(first.stdout);
});

test('an invoice is void with a reason, which is kept; a paid one is not', async () => {
  const { id } = await recordedIssued(db);
  expect((await invoice(['void', id])).stderr).toContain('--reason');
  expect((await invoice(['void', id, '--reason', ' '])).code).toBe(1);
  expect((await invoice(['void', id, '--reason', 'a mistake'])).stdout).toContain('  void  ');
  const audit = await rows(db, `SELECT actor, reason FROM audit_log WHERE subject = ? AND action = 'invoice.void'`, [
    id,
  ]);
  expect(audit).toEqual([{ actor: expect.stringMatching(/^cli:/), reason: 'a mistake' }]);
  const paid = await recordedPaid(db);
  const refused = await invoice(['void', paid.id, '--reason', 'a mistake']);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('refund the payment instead') });
});

test('an invoice is shown with its link, lines and log', async () => {
  const { id, number } = await recordedIssued(db, { due_date: '2030-01-31' });
  await rows(
    db,
    `INSERT INTO payment_log (invoice, kind, key, text, payment_intent) VALUES (?, 'attempt_failed', 'ch_1', 'The card has expired.', 'pi_1')`,
    [id],
  );
  const { stdout } = await invoice(['show', id]);
  expect(stdout).toContain(`${id}  ${number}  issued  EUR 258.00\nhttp://127.0.0.1:9/i/`);
  expect(stdout).toContain('  2 × EUR 20.00  Frame\n');
  expect(stdout).toContain('Delivery  (extra)\n');
  expect(stdout).toContain('due 2030-01-31\n');
  expect(stdout).toMatch(/UTC {2}attempt_failed {2}The card has expired\. {2}pi_1\n/);
  expect(await invoice(['show', 'inv_x'])).toMatchObject({ code: 1, stderr: 'There is no invoice inv_x.\n' });
});

test('invoices are listed by state and by what is looked for', async () => {
  const { id } = await recordedIssued(db, { customer_name: 'Grace of the list', due_date: '2020-01-01' });
  expect((await invoice(['list', '--search', 'of the list'])).stdout).toMatch(
    new RegExp(`^${id} .* Grace of the list\n$`),
  );
  expect((await invoice(['list', '--status', 'overdue'])).stdout).toContain(id);
  expect((await invoice(['list', '--status', 'draft', '--search', 'of the list'])).stdout).toBe(
    'There are no such invoices.\n',
  );
  expect((await invoice(['list', '--limit', '1'])).stdout.trim().split('\n')).toHaveLength(1);
  expect(await invoice(['list', '--status', 'lost'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--status must be one of'),
  });
  expect((await invoice(['list', '--limit', 'many'])).code).toBe(1);
});

test('void says in one sentence what Stripe refuses, and what to do', async () => {
  const issued = await recordedIssued(db);
  await openCheckout(issued.id, [], deps);
  await side.fault({ kind: 'refuse', path: '/v1/checkout/sessions*', method: 'POST', count: 1 });
  const refused = await invoice(['void', issued.id, '--reason', 'ordered twice']);
  expect([refused.code, refused.stdout]).toEqual([1, '']);
  expect(refused.stderr).toMatch(/^Stripe did not close the payment page cs_\w+, which can still be paid: .*\n$/);
  expect(await invoice(['void', issued.id, '--reason', 'ordered twice'])).toMatchObject({ code: 0, stderr: '' });
});

test('void of an invoice whose payment page Stripe refused to open', async () => {
  const issued = await recordedIssued(db);
  await side.fault({ kind: 'refuse', path: '/v1/checkout/sessions', method: 'POST', count: 1 });
  expect((await openCheckout(issued.id, [], deps)).end).toBe('unpayable');
  expect(await invoice(['void', issued.id, '--reason', 'no way to pay it'])).toMatchObject({ code: 0, stderr: '' });
});
