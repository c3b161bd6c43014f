import type Stripe from 'stripe';
import { type Db, rows } from '../../platform/db.ts';
import { MADE_BY } from '../../stripe/our-documents.ts';
import type { EarlierDocuments } from '../deps/deps.ts';

/**
 * Invoices of ours at Stripe that our database does not know: those of an installation whose database is lost, or is older
 * than they are. They are looked for before an old payment is invoiced, where nothing shorter finds them: by no e-mail and by
 * no customer. Stripe lists by time only, so the list is read once per process, from now backwards as far as it is needed,
 * and only what is unknown is remembered: nothing, mostly. What is made after the first look is made by processes of this
 * database, which therefore knows of it: a database is restored while no worker runs (docs/operations.md).
 */

/** So far back at once at the least: who asks payment by payment, newest first, pays one request for each day. */
const STRIDE_SECONDS = 86_400;

export function earlierDocuments(stripe: Stripe, db: Db): EarlierDocuments {
  const unknown = new Map<string, string[]>();
  /** All that was created from here on has been read; undefined: nothing yet. */
  let readFrom: number | undefined;
  let reading: Promise<unknown> = Promise.resolve();

  async function readBack(since: number): Promise<void> {
    if (readFrom !== undefined && readFrom <= since) return;
    const from = readFrom === undefined ? since : Math.min(since, readFrom - STRIDE_SECONDS);
    // What has the second at the edge is read twice: a page may have ended within it.
    const before = readFrom === undefined ? {} : { lte: readFrom };
    for (let after: string | undefined; ; ) {
      const page = await stripe.invoices.list({
        created: { gte: from, ...before },
        limit: 100,
        ...(after ? { starting_after: after } : {}),
      });
      await remember(page.data);
      const last = page.data.at(-1);
      if (!page.has_more || !last) break;
      // Kept when a later page fails: the next look goes on here.
      readFrom = last.created;
      after = last.id;
    }
    readFrom = from;
  }

  async function remember(invoices: readonly Stripe.Invoice[]): Promise<void> {
    const ours = invoices.filter(({ metadata }) => metadata?.made_by === MADE_BY);
    if (ours.length === 0) return;
    const known = await rows<{ stripe_invoice: string }>(
      db,
      'SELECT stripe_invoice FROM payment_invoices WHERE stripe_invoice = ANY(:ids)',
      { ids: ours.map(({ id }) => id) },
    );
    const ids = new Set(known.map(({ stripe_invoice }) => stripe_invoice));
    for (const { id, metadata } of ours) {
      if (ids.has(id)) continue;
      const key = keyOf(metadata ?? {});
      const same = unknown.get(key) ?? [];
      if (!same.includes(id)) unknown.set(key, [...same, id]);
    }
  }

  return {
    async madeFor(mark, since) {
      // One after the other: who waits finds what the first one has read.
      const read = reading.then(() => readBack(since));
      reading = read.catch(() => undefined);
      await read;
      return unknown.get(keyOf(mark)) ?? [];
    },
  };
}

function keyOf({ payment_intent, reverses }: Stripe.Metadata): string {
  return `${payment_intent} ${reverses ?? ''}`;
}
