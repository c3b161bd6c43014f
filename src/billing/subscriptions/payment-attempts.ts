import type { Knex } from 'knex';
import { type Db, rows } from '../../platform/db.ts';
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
                                                  requires_action, card, payment_method, card_expires)
       VALUES (:id, :invoice, :paymentIntent, :at, :code, :reason, :adviceCode, :networkAdviceCode, :requiresAction, :card,
               :paymentMethod, :cardExpires)
       ON CONFLICT ON CONSTRAINT subscription_payment_attempts_once DO NOTHING`,
      { ...failure, invoice },
    );
  }
}

export interface Failed {
  /** The charge; where there was none, the invoice and the number of the try. */
  readonly id: string;
  readonly invoice: string;
  readonly at: Date;
  readonly code: string | null;
  readonly reason: string | null;
  readonly advice_code: string | null;
  readonly network_advice_code: string | null;
  readonly requires_action: boolean;
  /** Fingerprint. */
  readonly card: string | null;
  readonly payment_method: string | null;
  readonly card_expires: string | null;
}

/** From the first to the last, by invoice. */
export async function failuresOf(
  trx: Knex.Transaction,
  invoices: readonly string[],
): Promise<ReadonlyMap<string, readonly Failed[]>> {
  const found = await rows<Failed>(
    trx,
    `SELECT id, invoice, at, code, reason, advice_code, network_advice_code, requires_action, card, payment_method, card_expires
     FROM subscription_payment_attempts WHERE invoice = ANY(?) ORDER BY at, id`,
    [[...invoices]],
  );
  return Map.groupBy(found, ({ invoice }) => invoice);
}

/** Far more than networks allow in the time that counts. */
const MOST_OF_CUSTOMER = 1_000;

/** For whatever invoice of a subscription of this customer; the latest, from the first to the last. */
export async function failuresOfCustomer(db: Db | Knex.Transaction, customer: string): Promise<Failed[]> {
  const latest = await rows<Failed>(
    db,
    `SELECT a.id, a.invoice, a.at, a.code, a.reason, a.advice_code, a.network_advice_code, a.requires_action, a.card,
            a.payment_method, a.card_expires
     FROM subscription_payment_attempts a JOIN subscription_invoices i ON i.id = a.invoice
     JOIN subscriptions s ON s.id = i.subscription WHERE s.customer = :customer ORDER BY a.at DESC, a.id DESC LIMIT :limit`,
    { customer, limit: MOST_OF_CUSTOMER },
  );
  return latest.toReversed();
}
