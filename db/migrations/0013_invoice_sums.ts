import type { Knex } from 'knex';

/** In triggers, so that what the release before this one issues meanwhile is counted as well. Lines don't change after the issue. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE invoice_sums (
      currency text NOT NULL,
      state    text NOT NULL CONSTRAINT invoice_sums_state CHECK (state IN ('issued', 'paid')),
      due_date date,
      invoices bigint NOT NULL,
      amount   bigint NOT NULL
    );
    COMMENT ON TABLE invoice_sums IS
      'What own invoices come to: a row for each change at first, which the maintenance worker adds up. The sums count, not the rows.';
    COMMENT ON COLUMN invoice_sums.due_date IS 'Of issued ones: what was due when tells what is overdue today.';
    COMMENT ON COLUMN invoice_sums.amount IS 'Minor units of currency: what was paid, else what is due without extras; negative where an invoice has left this state.';

    -- Tax per line, rounded half away from zero: the rule of billing/own-invoices/invoice-total.ts, and a test keeps them together.
    CREATE FUNCTION due_without_extras(of_invoice text, prices_include_tax boolean) RETURNS bigint LANGUAGE sql STABLE AS $$
      SELECT coalesce(sum(quantity * unit_amount + CASE WHEN prices_include_tax THEN 0
               ELSE round(quantity * unit_amount * tax_percent * 0.01) END), 0)::bigint
      FROM invoice_lines WHERE invoice = of_invoice AND NOT optional $$;

    CREATE FUNCTION note_invoice_sum(i invoices, sign integer) RETURNS void LANGUAGE sql AS $$
      INSERT INTO invoice_sums (currency, state, due_date, invoices, amount)
      SELECT i.currency, i.status, CASE WHEN i.status = 'issued' THEN i.due_date END, sign,
             sign * coalesce(i.paid_amount, due_without_extras(i.id, i.prices_include_tax))
      WHERE i.status IN ('issued', 'paid') $$;

    CREATE FUNCTION note_invoice_sums() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM note_invoice_sum(OLD, -1);
      PERFORM note_invoice_sum(NEW, 1);
      RETURN NULL;
    END $$;
    CREATE TRIGGER invoice_summed AFTER UPDATE OF status, due_date, paid_amount ON invoices FOR EACH ROW
      WHEN (OLD.status IN ('issued', 'paid') OR NEW.status IN ('issued', 'paid')) EXECUTE FUNCTION note_invoice_sums();

    INSERT INTO invoice_sums (currency, state, due_date, invoices, amount)
    SELECT currency, status, CASE WHEN status = 'issued' THEN due_date END, count(*),
           sum(coalesce(paid_amount, due_without_extras(id, prices_include_tax)))
    FROM invoices WHERE status IN ('issued', 'paid') GROUP BY 1, 2, 3;
  `);
}
