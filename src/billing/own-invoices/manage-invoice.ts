import { dayIn } from '../../platform/business-day.ts';
import { Refused } from '../../platform/errors.ts';
import type { Deps } from '../deps/deps.ts';
import { recordAudit } from '../desk/audit-log.ts';
import { openReviewsOfInvoice } from '../desk/review-items.ts';
import { totalProblems } from './chargeable.ts';
import { liveAttempt } from './checkout-attempts.ts';
import { closeCheckout } from './close-checkout.ts';
import { InvalidInput, type InvoiceInput } from './invoice-input.ts';
import {
  findInvoice,
  insertDraft,
  markVoid,
  numberAndIssue,
  type OwnInvoice,
  rotateLink,
  updateDraft,
} from './invoices.ts';

/**
 * What the business does with its own invoices: create, change while draft, issue, void, rotate the link. The console,
 * `/v1/invoices` and the command line call these, and nothing else changes an invoice but its payment. Each change of what
 * is there leaves its audit row here, in its own transaction, so no door can forget it; who made an invoice stands in its log.
 *
 * An actor is e.g. `admin:demo`, `key:shop` or `cli:root`.
 */

/** The state of the invoice does not allow what was asked. The message says why and what to do instead. */
export class NotAllowed extends Refused {
  override readonly name = 'NotAllowed';
}

export class NoSuchInvoice extends Error {
  override readonly name = 'NoSuchInvoice';
  constructor(id: string) {
    super(`There is no invoice ${id}.`);
  }
}

type DraftDeps = Pick<Deps, 'db' | 'timeZone' | 'clock'>;
type IssueDeps = DraftDeps & Pick<Deps, 'changed'>;

export async function createInvoice(
  input: InvoiceInput,
  actor: string,
  { db, timeZone, clock }: DraftDeps,
): Promise<OwnInvoice> {
  const id = await db.transaction((trx) => insertDraft(trx, input, actor, dayIn(timeZone, clock())));
  return (await findInvoice(db, id)) ?? missing(id);
}

/** @throws NotAllowed, NoSuchInvoice */
export async function changeDraft(
  id: string,
  input: InvoiceInput,
  actor: string,
  { db, timeZone, clock }: DraftDeps,
): Promise<OwnInvoice> {
  await db.transaction(async (trx) => {
    if (!(await updateDraft(trx, id, input, dayIn(timeZone, clock())))) {
      const invoice = (await findInvoice(trx, id)) ?? missing(id);
      throw new NotAllowed(
        `Invoice ${invoice.number} is ${invoice.status} and can't be changed: void it and make a new one.`,
      );
    }
    await recordAudit(trx, { actor, action: 'invoice.change', subject: id, reason: 'the draft was edited' });
  });
  return (await findInvoice(db, id)) ?? missing(id);
}

export interface IssueOptions {
  /** Send the customer the link by e-mail. */
  readonly mail: boolean;
}

/** Issuing an issued invoice again changes nothing. @throws NotAllowed, NoSuchInvoice, InvalidInput */
export async function issueInvoice(
  id: string,
  { mail }: IssueOptions,
  actor: string,
  { db, timeZone, clock, changed }: IssueDeps,
): Promise<OwnInvoice> {
  await db.transaction(async (trx) => {
    const invoice = (await findInvoice(trx, id, { lock: true })) ?? missing(id);
    if (invoice.status === 'issued') return;
    if (invoice.status !== 'draft') throw new NotAllowed(`Invoice ${invoice.number} is ${invoice.status}.`);
    if (mail && !invoice.customer_email) {
      throw new InvalidInput([{ field: 'customer_email', message: 'is needed to send the invoice by e-mail' }]);
    }
    // A draft may be older than the rules.
    const problems = totalProblems(invoice.lines, invoice.prices_include_tax, invoice.currency);
    if (problems.length > 0) {
      throw new InvalidInput(problems.map(({ path, message }) => ({ field: path.join('.'), message })));
    }
    await numberAndIssue(trx, invoice, clock(), timeZone, mail);
    await changed(trx, { record: 'own_invoice', id, turned: 'issued' });
    const reason = mail ? 'issued, with a mail' : 'issued';
    await recordAudit(trx, { actor, action: 'invoice.issue', subject: id, reason });
  });
  return (await findInvoice(db, id)) ?? missing(id);
}

/**
 * Voids an invoice that is not paid. Its open Checkout Session is expired first, and whether that session was paid in the
 * meantime is looked at, so that a void invoice can't be paid.
 * @throws NotAllowed, NoSuchInvoice, StripeRefused
 */
export async function voidInvoice(id: string, actor: string, reason: string, deps: Deps): Promise<OwnInvoice> {
  const { db } = deps;
  if (!(await findInvoice(db, id))) missing(id);
  const closed = await closeCheckout(id, deps);
  switch (closed) {
    case 'processing':
      throw new NotAllowed('A payment of this invoice is on its way: wait until it has succeeded or failed.');
    case 'mismatch':
      throw new NotAllowed(await whatIsWaiting(id, deps));
    // What became of it is asked of the invoice itself, under its lock.
    case 'paid':
    case 'closed':
      break;
  }
  await db.transaction(async (trx) => {
    const invoice = (await findInvoice(trx, id, { lock: true })) ?? missing(id);
    if (invoice.status === 'void') return;
    if (invoice.status === 'paid')
      throw new NotAllowed(`Invoice ${invoice.number} is paid: refund the payment instead.`);
    if (await liveAttempt(trx, id)) {
      throw new NotAllowed('The customer has just opened the payment page again: try once more.');
    }
    await markVoid(trx, id);
    await recordAudit(trx, { actor, action: 'invoice.void', subject: id, reason });
  });
  return (await findInvoice(db, id)) ?? missing(id);
}

/** A payment that does not fit keeps the invoice as it is until a person has decided about it. */
async function whatIsWaiting(id: string, { db, publicUrl }: Deps): Promise<string> {
  const [attempt, questions] = await Promise.all([liveAttempt(db, id), openReviewsOfInvoice(db, id)]);
  const question = questions.find(
    ({ subject }) => subject === attempt?.payment_intent || subject === attempt?.stripe_session,
  );
  if (!question) return 'A payment of this invoice was being decided about just now: try again.';
  const at = `${publicUrl}/console/reviews/${question.id}`;
  return `A payment waits for a decision. ${question.summary} Answer question ${question.id} first (${at}), then void the invoice.`;
}

/**
 * The old link answers 404 from now on; only who comes back from paying is told there what became of the payment. Stripe is
 * not asked: a link that went to the wrong person must be gone at once.
 * @param seen the version of the link that is to go, where it is known: when it has gone already, nothing is done
 * @throws NoSuchInvoice
 */
export async function renewLink(
  id: string,
  actor: string,
  reason: string,
  { db }: Pick<Deps, 'db'>,
  seen?: number,
): Promise<void> {
  await db.transaction(async (trx) => {
    const invoice = (await findInvoice(trx, id, { lock: true })) ?? missing(id);
    if (seen !== undefined && seen !== invoice.link_version) return;
    await rotateLink(trx, id);
    await recordAudit(trx, { actor, action: 'invoice.renew_link', subject: id, reason });
  });
}

function missing(id: string): never {
  throw new NoSuchInvoice(id);
}
