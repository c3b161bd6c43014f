import type { Knex } from 'knex';
import { rows } from '../../platform/db.ts';
import type { FailedPayment } from '../../stripe/failed-payments.ts';

/** The table `subscription_payment_attempts`: tries to collect an invoice that failed. One that is known stays as it was told. */

export interface TimedFailure extends FailedPayment {
  readonly at: Date;
}

export async function writeFailures(
  trx: Knex.Transaction,
  invoice: string,
  failures: readonly TimedFailure[],
): Promise<void> {
  for (const failure of failures) {
    await rows(
      trx,
      `INSERT INTO subscription_payment_attempts (id, invoice, payment_intent, at, code, reason, advice_code, network_advice_code,
                                                  requires_action, card)
       VALUES (:id, :invoice, :paymentIntent, :at, :code, :reason, :adviceCode, :networkAdviceCode, :requiresAction, :card)
       ON CONFLICT ON CONSTRAINT subscription_payment_attempts_once DO NOTHING`,
      { ...failure, invoice },
    );
  }
}

export interface Failed {
  readonly invoice: string;
  readonly at: Date;
  readonly code: string | null;
  readonly reason: string | null;
  readonly advice_code: string | null;
  readonly network_advice_code: string | null;
  readonly requires_action: boolean;
}

/** From the first to the last, by invoice. */
export async function failuresOf(
  trx: Knex.Transaction,
  invoices: readonly string[],
): Promise<ReadonlyMap<string, readonly Failed[]>> {
  const found = await rows<Failed>(
    trx,
    `SELECT invoice, at, code, reason, advice_code, network_advice_code, requires_action
     FROM subscription_payment_attempts WHERE invoice = ANY(?) ORDER BY at, id`,
    [[...invoices]],
  );
  return Map.groupBy(found, ({ invoice }) => invoice);
}
