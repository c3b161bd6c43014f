import type { Admin } from '../../src/billing/people/admin.ts';
import { openSession } from '../../src/billing/people/admin-sessions.ts';
import { type Db, firstRow } from '../../src/platform/db.ts';

export type Sent = {
  method?: string;
  cookie?: string;
  form?: Record<string, string>;
  /** As it is, in place of a form. */
  body?: string;
  headers?: Record<string, string>;
};

let address = 0;

/**
 * One request of a browser that is on a page of this very api, and does not follow where it is led. It comes from an
 * address of its own, which an api with `TRUSTED_PROXIES=1` believes. `headers` replace what it says.
 */
export async function browse(url: string, { method, cookie, form, body, headers }: Sent = {}): Promise<Response> {
  address += 1;
  return fetch(url, {
    method: method ?? (form ? 'POST' : 'GET'),
    redirect: 'manual',
    headers: {
      accept: 'text/html',
      'x-forwarded-for': `10.0.${address >> 8}.${address & 255}`,
      'sec-fetch-site': 'same-origin',
      ...(cookie ? { cookie } : {}),
      ...headers,
    },
    ...(form ? { body: new URLSearchParams(form) } : {}),
    ...(body === undefined ? {} : { body }),
  });
}

/** The cookie of somebody who has signed in just now. */
export async function cookieOf(db: Db, name: string): Promise<string> {
  const admin = await firstRow<Admin>(db, 'SELECT id, name, role FROM admin_users WHERE name = ?', [name]);
  if (!admin) throw new Error(`There is no admin ${name}`);
  return `quittance_session=${await openSession(db, admin)}`;
}
