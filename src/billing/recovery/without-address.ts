import type { Knex } from 'knex';
import { firstRow } from '../../platform/db.ts';
import { formatMoney } from '../../platform/money.ts';
import { askPerson, withdrawQuestion } from '../desk/review-items.ts';
import './questions.ts';

/** A letter is due, and the customer has no address at Stripe: a person may know one. Asked once for a customer, not for each case. */
export async function askForAddress(trx: Knex.Transaction, customer: string, invoice: string): Promise<void> {
  const owed = await firstRow<{ amount: number; currency: string }>(
    trx,
    'SELECT amount_remaining AS amount, currency FROM subscription_invoices WHERE id = ?',
    [invoice],
  );
  if (!owed) return;
  await askPerson(trx, {
    kind: 'recovery_without_address',
    subject: customer,
    summary: `A payment of ${formatMoney(owed)} failed, and customer ${customer} has no e-mail address at Stripe: nobody is told of it. Where can he be reached?`,
    details: { customer, invoice, ...owed },
  });
}

/** Once nothing of him is open any more, nobody needs to know. */
export async function withdrawAddress(trx: Knex.Transaction, customer: string): Promise<void> {
  const open = await firstRow(trx, `SELECT FROM recovery_cases WHERE customer = ? AND state = 'open' LIMIT 1`, [
    customer,
  ]);
  if (open) return;
  const reason = 'no payment of the customer is open any more';
  await withdrawQuestion(trx, { kind: 'recovery_without_address', subject: customer }, reason);
}
