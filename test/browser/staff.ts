import type { Page } from 'playwright-core';
import { openSession } from '../../src/billing/people/admin-sessions.ts';
import { saveAdmin } from '../../src/billing/people/admins.ts';
import { firstRow } from '../../src/platform/db.ts';
import type { Visitor, VisitorOptions } from './chromium.ts';
import type { Shop } from './shop.ts';

/** People of the business at the console. */
export const password = 'clay and fire 1260';

type Role = 'operator' | 'viewer';

/** Somebody who is signed in already; the account has the name of the role. */
export async function signedIn(shop: Shop, role: Role, options: Partial<VisitorOptions> = {}): Promise<Visitor> {
  const { db } = shop.deps;
  const find = () => firstRow<{ id: number }>(db, 'select id from admin_users where name = ?', [role]);
  if (!(await find())) await saveAdmin(db, { name: role, password, role }, { actor: 'test' });
  const account = await find();
  if (!account) throw new Error(`There is no account ${role}`);
  const value = await openSession(db, account);
  const visitor = await shop.customer(options);
  const { hostname } = new URL(shop.story.api.url);
  await visitor.context.addCookies([
    { name: 'quittance_session', value, domain: hostname, path: '/console', httpOnly: true, sameSite: 'Strict' },
  ]);
  return visitor;
}

export async function go(page: Page, shop: Shop, path: string): Promise<void> {
  await page.goto(`${shop.story.api.url}/console${path}`);
}

/** Opens what is folded away, gives a reason and presses. */
export async function giveReason(page: Page, summary: string, reason: string, button: string): Promise<void> {
  await page.getByText(summary, { exact: true }).click();
  const form = page.locator('details[open] form');
  await form.getByLabel('Reason').fill(reason);
  await form.getByRole('button', { name: button }).click();
}

/** The cells of a table's rows, as text. */
export async function rowsOf(page: Page, caption: string | RegExp): Promise<string[][]> {
  const rows = await page.getByRole('table', { name: caption }).locator('tbody tr').all();
  return Promise.all(rows.map((row) => row.locator('td').allTextContents()));
}
