import type { Knex } from 'knex';

/**
 * An invoice of ours may have been paid once more by its customer. The release before never writes the new word, and
 * reads it as any other.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE payment_invoices DROP CONSTRAINT payment_invoices_settlement;
    ALTER TABLE payment_invoices ADD CONSTRAINT payment_invoices_settlement
      CHECK (settlement IN ('out_of_band', 'attached', 'second_payment')) NOT VALID;
    ALTER TABLE payment_invoices VALIDATE CONSTRAINT payment_invoices_settlement;
    COMMENT ON COLUMN payment_invoices.settlement IS
      'What has paid it at Stripe: attached, the payment that it documents; out_of_band, nothing; second_payment, its customer once more.';
  `);
  await knex.raw(`
    COMMENT ON COLUMN payment_invoices.tried_at IS 'When writes to Stripe were last begun, all that was made before being known. A try ends within minutes.';
  `);
}
