import type { Knex } from 'knex';

/** Every column has a value for what the release before this one writes meanwhile. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE payments ADD COLUMN unbooked_since timestamptz;
    COMMENT ON COLUMN payments.unbooked_since IS
      'Since when it is known that the money came while Stripe has not booked it: the day of its documents is awaited. NULL: it is not.';

    CREATE INDEX payments_unbooked ON payments (unbooked_since) WHERE unbooked_since IS NOT NULL;

    ALTER TABLE invoices ADD COLUMN series_by_year boolean NOT NULL DEFAULT false;
    COMMENT ON COLUMN invoices.series_by_year IS
      'No series was given: a draft is numbered in the year in which it is issued, whatever its series says until then.';
    -- Whether the year was given could not be told before; whoever gave it meant the year of the issue.
    UPDATE invoices SET series_by_year = true WHERE status = 'draft'
      AND series IN (to_char(created_at AT TIME ZONE 'UTC', 'YYYY'), to_char(updated_at AT TIME ZONE 'UTC', 'YYYY'));

    ALTER TABLE invoice_lines ADD COLUMN tax_stated boolean NOT NULL DEFAULT false;
    COMMENT ON COLUMN invoice_lines.tax_stated IS
      'Whether a tax is told although it is 0 %, as for reverse charge. False beside 0: nothing is said of tax.';
    -- Beside lines with tax, 0 % was shown before there was this column.
    UPDATE invoice_lines SET tax_stated = true WHERE tax_percent = 0
      AND invoice IN (SELECT invoice FROM invoice_lines WHERE tax_percent > 0);
  `);
}
