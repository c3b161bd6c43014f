import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import Stripe from 'stripe';
import { line, phase } from '../progress.ts';
import { forAda, forGrace } from './drafts.ts';
import { lifeComplaints, lifeReport } from './life-report.ts';
import { isFinished, type Observation, observe } from './observation.ts';
import {
  type Access,
  createInvoice,
  lookAt,
  type OwnInvoice,
  ownInvoiceComplaints,
  ownInvoiceReport,
  type PaidInvoice,
  payFromMail,
} from './own-invoice.ts';
import { until } from './patience.ts';
import { buyDirectly, buyOnPage, openCheckout, type Purchase } from './purchase.ts';
import { report, type StripeCall } from './report.ts';
import { control } from './simulator-control.ts';
import type { StripeSide } from './stripe-side.ts';
import { live } from './subscriber.ts';
import type { System } from './system.ts';
import { balanceComplaints, balances, balanceTable, takeBack } from './taken-back.ts';
import { complaints, fetchProof } from './verdict.ts';

export type Walk = {
  purchase: Purchase;
  observation: Observation;
  /** Why the outcome is not right; empty when it is. */
  wrong: string[];
  /** A page on which the same course can be bought by hand. */
  checkoutUrl: string;
  /** An own invoice that the demo paid; with the real Stripe none, because its payment page wants a person. */
  paidInvoice: OwnInvoice | undefined;
  /** An own invoice that waits to be paid by hand. */
  openInvoice: OwnInvoice;
};

const longest = 40_000;

/** One purchase from the click to its paid invoice, then what is taken back, and an own invoice; watched and checked. */
export async function walk({ services, stripe: side, api, apiKey, mailCatcher }: System): Promise<Walk> {
  const stripe = clientOf(side);
  const ours = new Set<string>();
  stripe.on('response', ({ request_id }: Stripe.ResponseEvent) => ours.add(request_id));
  const database = new pg.Client({ connectionString: services.databaseUrl });
  await database.connect();
  try {
    const purchase = await phase(
      side.simulated ? 'A customer buys a course on the Checkout page' : 'A test card pays for a course',
      () => (side.simulated ? buyOnPage(stripe, side, database) : buyDirectly(stripe, database)),
      ({ paymentIntent }) => paymentIntent,
    );
    const observation = await phase('Webhooks become one paid invoice', (say) => follow(database, purchase, side, say));
    const calls = (await stripeCalls(side)).filter(({ id }) => !ours.has(id));
    line(report(purchase, observation, calls));
    const wrong = complaints(observation, purchase, await fetchProof(stripe, purchase));
    const access = { api: api.url, key: apiKey };
    let paid: PaidInvoice | undefined;
    if (side.simulated) {
      const taken = await phase('Refunds and a chargeback become credit notes', async () =>
        balances(stripe, database, await takeBack(stripe, side, purchase.paymentIntent)),
      );
      line(balanceTable(taken));
      wrong.push(...balanceComplaints(taken));
      paid = await phase('A customer gets an invoice of ours by mail, and pays it', () =>
        payOwnInvoice(access, stripe, side, database, mailCatcher.url),
      );
      line(ownInvoiceReport(paid));
      wrong.push(...ownInvoiceComplaints(paid));
      const life = await phase('A subscription lives two months, in the time of a test clock', (say) => {
        const rest = () => comeToRest(side, database);
        return live({ access, stripe, mailCatcher: mailCatcher.url, rest, say });
      });
      line(lifeReport(life));
      wrong.push(...lifeComplaints(life));
    }
    const openInvoice = await createInvoice(access, forGrace);
    const { url } = await openCheckout(stripe, side.simulated ? `${side.apiBase}/_sim` : 'https://example.com');
    return { purchase, observation, wrong, checkoutUrl: url, paidInvoice: paid?.invoice, openInvoice };
  } finally {
    await database.end();
  }
}

async function payOwnInvoice(
  access: Access,
  stripe: Stripe,
  side: StripeSide,
  database: pg.Client,
  mailCatcher: string,
): Promise<PaidInvoice> {
  const invoice = await createInvoice(access, forAda);
  const page = await payFromMail(mailCatcher, invoice);
  await comeToRest(side, database);
  return { page, ...(await lookAt(access, stripe, mailCatcher, invoice)) };
}

async function comeToRest(side: StripeSide, database: pg.Client): Promise<void> {
  await until(
    'the last webhook and its outcome',
    async () => (await isQuiet(side)) && (await isIdle(database)) && (await isAllLookedAt(database)),
  );
}

/** Nothing is due that time alone has brought, and no mail waits to be sent. */
async function isAllLookedAt(database: pg.Client): Promise<boolean> {
  const { rows } = await database.query(
    `select (select count(*) from recovery_cases where least(look_at, retry_at) <= now())::int
          + (select count(*) from messages where state = 'pending' and channel = 'mail' and next_attempt_at <= now())::int as due`,
  );
  return rows[0].due === 0;
}

/** Every event has its outcome. */
async function isIdle(database: pg.Client): Promise<boolean> {
  const { rows } = await database.query(
    "select count(*)::int as unfinished from stripe_events where outcome is null and received_at > now() - interval '1 minute'",
  );
  return rows[0].unfinished === 0;
}

/** Looks until the invoice is paid and every event has its outcome, and says each change. Gives up after a while. */
async function follow(
  database: pg.Client,
  purchase: Purchase,
  side: StripeSide,
  say: (what: string) => void,
): Promise<Observation> {
  const deadline = performance.now() + longest;
  let said = '';
  for (;;) {
    const seen = await observe(database, purchase);
    const done = seen.events.filter(({ outcome }) => outcome !== null).length;
    const now = `${seen.events.length} events stored, ${done} done, invoice ${seen.invoice?.step ?? 'not begun'}`;
    if (now !== said) say(now);
    said = now;
    const over = performance.now() > deadline;
    if (over || (isFinished(seen) && (await isQuiet(side)) && isFinished(await observe(database, purchase)))) {
      return observe(database, purchase);
    }
    await sleep(60);
  }
}

/** No webhook is on its way. Of the real Stripe nobody can know that. */
async function isQuiet(side: StripeSide): Promise<boolean> {
  if (!side.simulated) return true;
  const state = await control(side, 'GET', '/_sim/webhooks');
  return typeof state === 'object' && state !== null && 'pending' in state && state.pending === 0;
}

/** All calls of the API that the simulator has answered. */
async function stripeCalls(side: StripeSide): Promise<StripeCall[]> {
  if (!side.simulated) return [];
  const answer = await control(side, 'GET', '/_sim/requests');
  const logged = typeof answer === 'object' && answer !== null && 'requests' in answer ? answer.requests : [];
  const calls: StripeCall[] = Array.isArray(logged) ? logged : [];
  return calls.filter(({ url }) => url.startsWith('/v1/'));
}

function clientOf({ apiBase, secretKey }: StripeSide): Stripe {
  const { hostname, port, protocol } = new URL(apiBase);
  if (protocol === 'https:') return new Stripe(secretKey);
  return new Stripe(secretKey, { host: hostname, port, protocol: 'http' });
}
