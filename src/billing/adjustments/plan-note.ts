import { formatMoney } from '../../platform/money.ts';
import type { QuestionOf } from '../desk/questions.ts';
import { type Adjustment, decide } from './adjustment.ts';
import type { CreditNoteRow } from './credit-notes.ts';
import { type Books, creditable, overstatement, type ToldNote } from './note-books.ts';
import type { NoteQuestion, StandingNoteQuestion } from './questions.ts';

/**
 * Which credit note a refund or a dispute leaves, pure: on which invoice, over how much, and if none, why. The use case acts
 * on it, the dry run of the backfill only tells it.
 */
export type NotePlan =
  | {
      readonly decision: 'note';
      readonly reason: string;
      readonly note: PlannedNote;
      /** What the note can't say, to be asked before it is issued. */
      readonly question?: QuestionOf<'adjustment_not_covered'>;
    }
  /** Its note stands although its cause is gone: a person decides. */
  | {
      readonly decision: 'stands';
      readonly reason: string;
      readonly note: ToldNote;
      readonly on: string;
      readonly question: QuestionOf<StandingNoteQuestion>;
    }
  | { readonly decision: 'none' | 'wait' | 'off'; readonly reason: string }
  | { readonly decision: 'review'; readonly reason: string; readonly question: QuestionOf<NoteQuestion> };

export interface PlannedNote {
  /** The invoice, in_… */
  readonly invoice: string;
  /** Minor units, tax included. */
  readonly amount: number;
  readonly allocation: CreditNoteRow['allocation'];
  /** The note is there already: by us in a try whose answer was lost, or by a person along with the refund. */
  readonly made?: ToldNote;
}

export function planNote(adjustment: Adjustment, books: Books): NotePlan {
  const { decision, reason } = decide(adjustment);
  const made = madeFor(adjustment, books);
  const claim = books.claims.find((row) => row.adjustment === adjustment.id);
  if (decision === 'none' && made) {
    if (claim?.reversed_by)
      return { decision: 'none', reason: `its note was taken back by invoice ${claim.reversed_by}` };
    if (books.kept.includes(adjustment.id)) return { decision: 'none', reason: 'a person decided to keep the note' };
    if (overstatement(books) >= 0)
      return { decision: 'none', reason: 'its note stands for what else was taken back of the payment' };
    return standing(adjustment, made);
  }
  if (decision !== 'note') return { decision, reason };
  if (made) return planMade(adjustment, made, reason, books);
  if (claim?.stripe_credit_note)
    return { decision: 'none', reason: `credit note ${claim.number} was voided at Stripe` };
  if (!books.issuing) return { decision: 'off', reason: 'adjustments are switched off' };
  return planNew(adjustment, reason, books);
}

function standing(adjustment: Adjustment, { note, on }: Made): NotePlan {
  const { id, kind, status, amount, currency } = adjustment;
  const refund = kind === 'refund';
  return {
    decision: 'stands',
    reason: `the ${kind} is ${status}, but its note stands`,
    note,
    on,
    question: {
      kind: standingNoteKind({ kind }),
      subject: id,
      summary: refund
        ? `Refund ${id} is ${status} after credit note ${note.number} was issued for it. Keep the note and pay the customer another way, or issue a reversal invoice.`
        : `Dispute ${id} was won after credit note ${note.number} was issued for it. Keep the note, or issue a reversal invoice.`,
      details: { credit_note: note.id, amount, currency, status },
    },
  };
}

export function standingNoteKind({ kind }: Pick<Adjustment, 'kind'>): StandingNoteQuestion {
  return kind === 'refund' ? 'refund_failed_after_note' : 'dispute_won_after_note';
}

interface Made {
  readonly note: ToldNote;
  readonly on: string;
}

function madeFor(adjustment: Adjustment, { invoices }: Books): Made | undefined {
  for (const { invoice, notes } of invoices) {
    const note = findNote(adjustment.id, notes);
    if (note) return { note, on: invoice.id };
  }
  return undefined;
}

/** The note of a refund or dispute: ours by its metadata, or one that a person made along with the refund. */
export function findNote<N extends ToldNote>(adjustment: string, notes: readonly N[]): N | undefined {
  return notes.find(
    (note) =>
      note.status !== 'void' &&
      (note.metadata?.adjustment === adjustment ||
        note.refunds.some(({ refund }) => (typeof refund === 'string' ? refund : refund?.id) === adjustment)),
  );
}

function planMade(adjustment: Adjustment, { note, on }: Made, reason: string, books: Books): NotePlan {
  const other = books.claims.find((row) => row.stripe_credit_note === note.id && row.adjustment !== adjustment.id);
  // A person can document several refunds with one note; it is counted once.
  if (other)
    return { decision: 'none', reason: `credit note ${note.number} documents it along with ${other.adjustment}` };
  return {
    decision: 'note',
    reason,
    note: { invoice: on, amount: note.total, allocation: allocationOf(adjustment, on, books), made: note },
  };
}

function planNew(adjustment: Adjustment, reason: string, books: Books): NotePlan {
  const wanted = Math.min(adjustment.amount, overstatement(books));
  const { invoice, left, elsewhere } = roomiest(wanted, books);
  if (adjustment.currency !== invoice.currency) {
    const summary = `The ${adjustment.kind} ${adjustment.id} is in ${adjustment.currency}, its invoice ${invoice.id} in ${invoice.currency}. Issue the credit note by hand.`;
    return ask({
      kind: 'adjustment_currency_differs',
      subject: adjustment.id,
      summary,
      details: {
        amount: adjustment.amount,
        found: adjustment.currency,
        invoice: invoice.id,
        expected: invoice.currency,
      },
    });
  }
  if (invoice.status !== 'paid') {
    const summary = `Invoice ${invoice.id} of the ${adjustment.kind} ${adjustment.id} is ${invoice.status}: a credit note would lower what is still to be paid. Decide whether it needs one.`;
    return ask({
      kind: 'adjusted_invoice_not_paid',
      subject: adjustment.id,
      summary,
      details: { amount: adjustment.amount, found: adjustment.currency, invoice: invoice.id, status: invoice.status },
    });
  }
  if (left <= 0) return { decision: 'none', reason: 'the invoice is credited in full already' };
  // A note whose own cause is gone, or one that a person made, says it already.
  if (wanted <= 0) return { decision: 'none', reason: 'other notes of the payment document it already' };
  const amount = Math.min(wanted, left);
  // Which of the two gets what is left depends on how the refund ends, not on which event comes first.
  const underway = adjustment.kind === 'dispute' ? refundsUnderway(books) : 0;
  if (amount > left - underway) return { decision: 'wait', reason: 'a refund of the payment is still on its way' };
  const uncovered = Math.min(wanted - amount, elsewhere);
  return {
    decision: 'note',
    reason:
      amount < adjustment.amount ? `${reason}; only ${money(amount, adjustment)} of it is left to document` : reason,
    note: { invoice: invoice.id, amount, allocation: allocationOf(adjustment, invoice.id, books) },
    ...(uncovered > 0 ? { question: aboutUncovered(adjustment, invoice.id, amount, uncovered) } : {}),
  };
}

/** After a reversal what was paid is spread over two invoices, and a note is on one. */
function aboutUncovered(
  adjustment: Adjustment,
  invoice: string,
  amount: number,
  uncovered: number,
): QuestionOf<'adjustment_not_covered'> {
  const { id, kind, currency } = adjustment;
  const [whole, noted, rest] = [adjustment.amount, amount, uncovered].map((minor) => money(minor, adjustment));
  return {
    kind: 'adjustment_not_covered',
    subject: id,
    summary: `The ${kind} ${id} is over ${whole}, but no single invoice of its payment has that much left. Its note is over ${noted}; issue one over ${rest} by hand on another.`,
    details: { invoice, amount, uncovered, currency },
  };
}

function money(amount: number, { currency }: Adjustment): string {
  return formatMoney({ amount, currency });
}

/** A dispute is no refund and can't be linked; neither can the refund of an invoice that was settled out of band. */
function allocationOf(
  { kind }: Adjustment,
  invoice: string,
  { invoices: [first], settlement }: Books,
): CreditNoteRow['allocation'] {
  return kind === 'refund' && settlement === 'attached' && invoice === first.invoice.id ? 'refund' : 'out_of_band';
}

/** The first invoice of which this much is left, else the one of which most is left; and what is left of the others. */
function roomiest(amount: number, { invoices, claims }: Books) {
  const rooms = invoices.map((each) => ({ invoice: each.invoice, left: Math.max(0, creditable(each, claims)) }));
  const room =
    rooms.find(({ left }) => left >= amount) ?? rooms.reduce((most, each) => (each.left > most.left ? each : most));
  return { ...room, elsewhere: rooms.reduce((sum, { left }) => sum + left, 0) - room.left };
}

function refundsUnderway({ adjustments }: Books): number {
  const open = adjustments.filter((each) => each.kind === 'refund' && decide(each).decision === 'wait');
  return open.reduce((sum, { amount }) => sum + amount, 0);
}

function ask(question: QuestionOf<NoteQuestion>): NotePlan {
  return { decision: 'review', reason: question.summary, question };
}
