import type { Knex } from 'knex';

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
    ALTER TABLE payment_invoices ADD COLUMN keys_since timestamptz, ADD COLUMN keys_version integer;
    COMMENT ON COLUMN payment_invoices.keys_since IS
      'Since when keys of keys_version are in use, everything made before being known. NULL: begun by a release that did not note it.';
    COMMENT ON COLUMN payment_invoices.keys_version IS
      'Other than key_version: a key was given up since, and it must be looked what was made with it.';
    COMMENT ON COLUMN payment_invoices.tried_at IS 'When work on it was last begun, which ends within minutes.';
  `);
}
