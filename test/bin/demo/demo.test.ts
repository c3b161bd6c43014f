import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { payOnPage } from '../../../bin/lib/demo/checkout-page.ts';
import { learner } from '../../../bin/lib/demo/purchase.ts';
import { identify } from '../../../bin/lib/identity.ts';
import { type OtherCheckout, otherCheckout } from '../../support/checkouts.ts';
import { until } from '../../support/eventually.ts';

const other = otherCheckout({ withSources: true });

type Described = {
  api: string;
  bull_board: string;
  health: string;
  checkout: string;
  database_url: string;
  admin: { name: string; password: string };
  worker_pids: number[];
  invoice_to_pay: string;
  mail_catcher: string;
};

function described({ folder }: OtherCheckout): Described {
  const file = join(folder, '.local/demo.json');
  expect(statSync(file).mode & 0o077).toBe(0);
  return JSON.parse(readFileSync(file, 'utf8'));
}

async function paidInvoices(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query("select count(*)::int as n from payment_invoices where step = 'paid'");
    return rows[0].n;
  } finally {
    await client.end();
  }
}

test('bin/demo and bin/demo --exit side by side: both end with the right documents, and the first stays up', async () => {
  const [stays, ends] = await Promise.all([other.run('bin/demo'), other.run('bin/demo', '--exit')]);
  expect(stays).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('✓ Every payment has its documents, each once'),
  });
  expect(ends).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('✓ Every payment has its documents, each once'),
  });
  const demo = described(other);
  expect(stays.stderr).toContain(demo.checkout);
  expect((await fetch(demo.health)).status).toBe(200);
  expect(demo.worker_pids.map((pid) => identify(pid)?.pid)).toEqual(demo.worker_pids);
}, 120_000);

test('its links work: the same course can be bought once more, and the queues want a login', async () => {
  const demo = described(other);
  const before = await paidInvoices(demo.database_url);
  await payOnPage(demo.checkout, learner);
  await until(async () => (await paidInvoices(demo.database_url)) === before + 1, { timeout: 20_000 });
  expect(await (await fetch(demo.invoice_to_pay)).text()).toContain('Pay by card');
  expect((await fetch(demo.mail_catcher)).status).toBe(200);
  const board = await fetch(demo.bull_board, { redirect: 'manual' });
  expect([302, 303, 401]).toContain(board.status);
});

test('bin/services stop ends all of it', async () => {
  const demo = described(other);
  expect((await other.run('bin/services', 'stop')).code).toBe(0);
  expect(demo.worker_pids.map(identify)).toEqual([undefined, undefined]);
  await expect(fetch(demo.health)).rejects.toThrow();
  expect(() => described(other)).toThrow('ENOENT');
});
