import { z } from 'zod';

/** What becomes of refunds and lost disputes. */
export const adjustmentsPolicy = z
  .strictObject({
    /** Whether they get a credit note; if not, they are recorded, and a later backfill issues the notes. */
    credit_notes: z.boolean('must be true or false').default(true),
    /** Whether that holds for invoices that Stripe made itself (subscriptions, invoice_creation). */
    stripe_invoices: z.boolean('must be true or false').default(true),
  })
  .prefault({});
