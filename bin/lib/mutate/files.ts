import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../checkout.ts';
import { Complaint } from '../complaint.ts';

/** The files that decide: pure, without I/O and clock, so that a table can say what they do. A new one joins. */
export const decisions = [
  'src/api/console/rooms/board-act.ts',
  'src/api/http/sender.ts',
  'src/api/http/told-path.ts',
  'src/api/v1/body-problems.ts',
  'src/api/v1/canonical-json.ts',
  'src/billing/access/access-state.ts',
  'src/billing/access/access-token.ts',
  'src/billing/access/purchase.ts',
  'src/billing/access/purchase-access.ts',
  'src/billing/access/subscription-access.ts',
  'src/billing/adjustments/adjustment.ts',
  'src/billing/adjustments/note-books.ts',
  'src/billing/adjustments/note-split.ts',
  'src/billing/adjustments/plan-note.ts',
  'src/billing/changes/change-params.ts',
  'src/billing/changes/made.ts',
  'src/billing/changes/phases.ts',
  'src/billing/changes/preview.ts',
  'src/billing/changes/refusal.ts',
  'src/billing/changes/wanted-change.ts',
  'src/billing/checkouts/session-outcome.ts',
  'src/billing/checkouts/told-session.ts',
  'src/billing/own-invoices/chargeable.ts',
  'src/billing/own-invoices/document-lines.ts',
  'src/billing/own-invoices/invoice-input.ts',
  'src/billing/own-invoices/invoice-total.ts',
  'src/billing/own-invoices/payment-checks.ts',
  'src/billing/own-invoices/unpayable.ts',
  'src/billing/stripe-invoices/buyer.ts',
  'src/billing/stripe-invoices/document-customer.ts',
  'src/billing/stripe-invoices/document-text.ts',
  'src/billing/policy/eligibility-rules.ts',
  'src/billing/payments/eligibility.ts',
  'src/billing/stripe-invoices/guards.ts',
  'src/billing/stripe-invoices/invoice-lines.ts',
  'src/billing/stripe-invoices/look-first.ts',
  'src/billing/stripe-invoices/verdict-on.ts',
  'src/billing/payments/money-arrival.ts',
  'src/billing/payments/purpose.ts',
  'src/billing/subscriptions/paid-after-end.ts',
  'src/billing/subscriptions/second-subscription.ts',
  'src/billing/managing/plan-deed.ts',
  'src/billing/subscriptions/standing.ts',
  'src/billing/subscriptions/test-clock.ts',
  'src/billing/recovery/card-to-try.ts',
  'src/billing/recovery/case-end.ts',
  'src/billing/recovery/case-words.ts',
  'src/billing/recovery/decline-codes.ts',
  'src/billing/recovery/decline.ts',
  'src/billing/recovery/next-letter.ts',
  'src/billing/recovery/next-retry.ts',
  'src/billing/recovery/one-letter.ts',
  'src/billing/recovery/quiet-hours.ts',
  'src/billing/policy/recovery.ts',
  'src/billing/recovery/recovery-case.ts',
  'src/billing/recovery/spacing.ts',
  'src/billing/letters/recovery-words.ts',
  'src/messages/cap.ts',
  'src/platform/apportion.ts',
  'src/platform/charges.ts',
  'src/platform/currencies.ts',
  'src/platform/email-address.ts',
  'src/platform/field-problems.ts',
  'src/platform/redaction.ts',
  'src/platform/text.ts',
  'src/stripe/inbox/signature.ts',
  'src/billing/retry-policy.ts',
] as const;

/** Each condition here guards money: not one may be left without a row that fails when it is changed. */
export const guards: ReadonlySet<string> = new Set([
  'src/billing/adjustments/note-books.ts',
  'src/billing/adjustments/plan-note.ts',
  'src/billing/own-invoices/payment-checks.ts',
  'src/billing/recovery/next-retry.ts',
  'src/billing/stripe-invoices/guards.ts',
]);

/** Where a table speaks for two files, or several speak for one. */
const tables: Readonly<Record<string, readonly string[]>> = {
  'src/billing/access/subscription-access.ts': [
    'test/billing/access/subscription-access.test.ts',
    'test/billing/access/subscription-units.test.ts',
  ],
  'src/billing/adjustments/plan-note.ts': [
    'test/billing/adjustments/plan-note.test.ts',
    'test/billing/adjustments/find-note.test.ts',
    'test/billing/adjustments/note-stands.test.ts',
  ],
  'src/billing/recovery/decline-codes.ts': ['test/billing/recovery/decline.test.ts'],
  'src/billing/stripe-invoices/invoice-lines.ts': [
    'test/billing/stripe-invoices/invoice-lines.test.ts',
    'test/billing/stripe-invoices/charged-otherwise.test.ts',
  ],
  'src/platform/currencies.ts': ['test/platform/charges.test.ts'],
};

/** The tests that speak for the file: its table, at its place in `test/`. What stories would notice does not count. */
export function tablesOf(file: string): readonly string[] {
  const own = tables[file] ?? [file.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts')];
  for (const table of own) {
    if (!existsSync(join(checkout, table))) throw new Complaint(`${file} decides and has no table: write ${table}.`);
  }
  return own;
}

/** @param words parts of names; none names all */
export function namedBy(words: readonly string[]): readonly string[] {
  const unknown = words.find((word) => !decisions.some((file) => file.includes(word)));
  if (unknown !== undefined) {
    throw new Complaint(`No file that decides is called ${unknown}. They are listed in bin/lib/mutate/files.ts.`);
  }
  return words.length === 0 ? decisions : decisions.filter((file) => words.some((word) => file.includes(word)));
}
