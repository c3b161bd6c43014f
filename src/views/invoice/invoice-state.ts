import type { AttemptRow } from '../../billing/own-invoices/checkout-attempts.ts';
import type { OwnInvoice } from '../../billing/own-invoices/invoices.ts';
import type { LogRow } from '../../billing/own-invoices/payment-log.ts';

/** Where an own invoice stands, as its customer is told; pure. */
export type InvoiceState = 'draft' | 'unpaid' | 'overdue' | 'processing' | 'checking' | 'paid' | 'void';

/**
 * @param attempt the latest, if any
 * @param today e.g. `2026-12-31`; the due date itself is not overdue yet
 */
export function invoiceState(
  invoice: Pick<OwnInvoice, 'status' | 'due_date'>,
  attempt: Pick<AttemptRow, 'state' | 'payment_intent'> | undefined,
  today: string,
): InvoiceState {
  if (invoice.status !== 'issued') return invoice.status;
  // A payment that did not pass the checks is noted with its attempt, and the attempt stays live until a person decides.
  if (attempt?.payment_intent && isLive(attempt)) return 'checking';
  if (attempt?.state === 'processing') return 'processing';
  return invoice.due_date !== null && invoice.due_date < today ? 'overdue' : 'unpaid';
}

/** Only then may a payment be started. */
export function isPayable(state: InvoiceState): boolean {
  return state === 'unpaid' || state === 'overdue';
}

/** The extras that the amounts on the page include: what was paid, or is being paid. */
export function countedExtras(
  state: InvoiceState,
  invoice: Pick<OwnInvoice, 'paid_extras'>,
  attempt: Pick<AttemptRow, 'extras'> | undefined,
): readonly number[] {
  if (state === 'paid') return invoice.paid_extras ?? [];
  return state === 'processing' || state === 'checking' ? (attempt?.extras ?? []) : [];
}

export interface Failure {
  readonly words: string;
  /** Undefined when only the state of the attempt tells of it. */
  readonly at?: Date;
}

/** The last try to pay, when it failed and nothing came after it but another look at the payment page. */
export function lastFailure(
  log: readonly Pick<LogRow, 'kind' | 'text' | 'at'>[],
  attempt: Pick<AttemptRow, 'state' | 'payment_intent'> | undefined,
): Failure | undefined {
  const last = log.filter(({ kind }) => kind !== 'session_opened').at(-1);
  if (last?.kind === 'attempt_failed') return { words: last.text, at: last.at };
  // A bank debit that came back, before the event with its reason.
  const cameBack = attempt?.state === 'failed' && attempt.payment_intent === null;
  return cameBack ? { words: 'The bank did not carry out the payment.' } : undefined;
}

function isLive({ state }: Pick<AttemptRow, 'state'>): boolean {
  return state === 'creating' || state === 'open' || state === 'processing';
}
