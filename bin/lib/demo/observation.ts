import type pg from 'pg';
import type { Purchase } from './purchase.ts';

/** What Quittance has stored about the purchase so far. */
export type Observation = { events: SeenEvent[]; invoice: SeenInvoice | undefined };

export type SeenEvent = {
  id: string;
  type: string;
  /** Whether a use case listens to events of this type. */
  heard: boolean;
  /** Milliseconds from the customer's click to the commit. */
  after: number;
  deliveries: number;
  outcome: string | null;
  reason: string | null;
  attempts: number;
  stripeCalls: number;
};

export type SeenInvoice = {
  step: string;
  stripeInvoice: string | null;
  number: string | null;
  settlement: string | null;
  hostedUrl: string | null;
  /** Milliseconds from the customer's click to each step. */
  steps: { step: string; after: number }[];
};

const stepColumns = ['claimed', 'drafted', 'lined', 'finalized', 'paid'] as const;

/** Reads the inbox and the claim of one purchase. The clock of the click is the database's, so that times compare. */
export async function observe(
  database: pg.Client,
  purchase: Pick<Purchase, 'clickedAt' | 'paymentIntent'>,
): Promise<Observation> {
  const events = await database.query(
    `select e.id, e.type, e.queue, e.outcome, e.reason, e.attempts, extract(epoch from e.received_at - $1) * 1000 as after,
            (select count(*) from webhook_requests d where d.event_id = e.id) as deliveries,
            (select coalesce(sum(a.stripe_calls), 0) from event_attempts a where a.event_id = e.id) as stripe_calls
     from stripe_events e where e.received_at >= $1 order by e.received_at, e.id`,
    [purchase.clickedAt],
  );
  const afters = stepColumns.map((step) => `extract(epoch from ${step}_at - $2) * 1000 as ${step}_after`);
  const invoices = await database.query(
    `select step, stripe_invoice, number, settlement, hosted_invoice_url, ${afters.join(', ')}
     from payment_invoices where payment_intent = $1`,
    [purchase.paymentIntent, purchase.clickedAt],
  );
  const [row] = invoices.rows;
  return {
    events: events.rows.map((event) => ({
      id: event.id,
      type: event.type,
      heard: event.queue !== null,
      after: Number(event.after),
      deliveries: Number(event.deliveries),
      outcome: event.outcome,
      reason: event.reason,
      attempts: Number(event.attempts),
      stripeCalls: Number(event.stripe_calls),
    })),
    invoice: row && {
      step: row.step,
      stripeInvoice: row.stripe_invoice,
      number: row.number,
      settlement: row.settlement,
      hostedUrl: row.hosted_invoice_url,
      steps: stepColumns.flatMap((step) => {
        const after = row[`${step}_after`];
        return after === null ? [] : [{ step, after: Number(after) }];
      }),
    },
  };
}

export function isFinished({ events, invoice }: Observation): boolean {
  return invoice?.step === 'paid' && events.every(({ outcome }) => outcome !== null);
}
