import { freePort } from '../../../bin/lib/free-port.ts';
import type { OwnInvoice } from '../../../src/billing/own-invoices/invoices.ts';
import { tokenOf } from '../../../src/billing/own-invoices/public-link.ts';
import { saveAdmin } from '../../../src/billing/people/admins.ts';
import { firstRow } from '../../../src/platform/db.ts';
import { type BillingUnderTest, billingUnderTest } from '../../support/billing-deps.ts';
import { browse, cookieOf, type Sent } from '../../support/browse.ts';
import type { Settings } from '../../support/processes.ts';
import { startApi } from '../../support/served.ts';
import { webhookSecrets } from '../../support/webhooks.ts';

/** The pages of a real api, with a simulated Stripe behind it, and a look at both sides. */
export type Site = BillingUnderTest & {
  url: string;
  /** The path of an invoice's public page. */
  pathOf(invoice: Pick<OwnInvoice, 'id' | 'link_version'>): Promise<string>;
  /** A request from an address of its own. */
  visit(path: string, sent?: Sent): Promise<Answer>;
  /** *Pay by card*, with these values of the field `extras`; from an address of its own unless one is named. */
  pay(path: string, extras?: readonly string[], from?: string): Promise<Answer>;
  /** The session behind a payment page's address. */
  sessionAt(location: string | null): Promise<string>;
  /** Requests of somebody who is signed in. */
  as(role: 'operator' | 'viewer'): Promise<Visitor>;
};

export type Visitor = (path: string, sent?: Sent) => Promise<Answer>;

export type Answer = { status: number; location: string | null; headers: Headers; html: string };

export async function siteUnderTest(env: Settings = {}): Promise<Site> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const billing = await billingUnderTest({ PUBLIC_URL: url, BUSINESS_NAME: 'Northwind', ...env });
  const { db } = billing.deps;
  await startApi({
    ...billing.settings,
    STRIPE_WEBHOOK_SECRETS: webhookSecrets.join(','),
    PORT: String(port),
    TRUSTED_PROXIES: '1',
  });
  await saveAdmin(db, { name: 'operator', password: 'a long enough password', role: 'operator' }, { actor: 'test' });
  await saveAdmin(db, { name: 'viewer', password: 'a long enough password', role: 'viewer' }, { actor: 'test' });

  const visit: Site['visit'] = async (path, sent) => answerOf(await browse(url + path, sent));
  return {
    ...billing,
    url,
    visit,
    pathOf: async (invoice) => `/i/${await tokenOf(db, invoice)}`,
    async pay(path, extras = [], from = nextAddress()) {
      const body = new URLSearchParams(extras.map((extra) => ['extras', extra]));
      const headers = { 'x-forwarded-for': from };
      return answerOf(await fetch(`${url}${path}/pay`, { method: 'POST', redirect: 'manual', headers, body }));
    },
    async sessionAt(location) {
      const attempt = await firstRow<{ stripe_session: string | null }>(
        db,
        'SELECT stripe_session FROM checkout_attempts WHERE url = ?',
        [location],
      );
      return attempt?.stripe_session ?? '';
    },
    async as(role) {
      const cookie = await cookieOf(db, role);
      return (path, sent = {}) => visit(path, { cookie, ...sent });
    },
  };
}

async function answerOf(response: Response): Promise<Answer> {
  const { status, headers } = response;
  return { status, headers, location: headers.get('location'), html: await response.text() };
}

let addresses = 0;

function nextAddress(): string {
  addresses += 1;
  return `10.200.${addresses >> 8}.${addresses & 255}`;
}
