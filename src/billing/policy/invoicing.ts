import { z } from 'zod';

/** How payments become Stripe invoices. Which of them do: eligibility-rules.ts. */
export const invoicingPolicy = z
  .strictObject({
    /** How an invoice becomes paid: marked as paid out of band, or the payment intent attached where Stripe allows it. */
    settlement: z.enum(['out_of_band', 'attach'], 'must be out_of_band or attach').default('out_of_band'),
    /** Whether the payment of an own invoice (the public invoice page) gets its Stripe invoice too. */
    own_payments: z.boolean('must be true or false').default(true),
  })
  .prefault({});
