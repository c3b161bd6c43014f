import { z } from 'zod';
import { StripeRefused } from '../../platform/errors.ts';
import { adjustPayment } from '../adjustments/adjust-payment.ts';
import { closeAdjustment, findAdjustments } from '../adjustments/adjustments.ts';
import { isReversalIssued, reverseNote } from '../adjustments/reverse-note.ts';
import { answered, type Choice } from '../desk/questions.ts';
import { keptNote } from '../desk/review-items.ts';

/** What may be decided about the credit note of a refund or a dispute. */

const ofPayment = z.looseObject({ payment_intent: z.string() });
const ofNote = z.looseObject({ credit_note: z.string() });

export const issueAgain: Choice = {
  name: 'try_again',
  effect: 'The credit note is planned anew and issued, now.',
  run: async ({ subject, details }, deps) => {
    const { payment_intent: paymentIntent } = ofPayment.parse(details);
    const end = await adjustPayment({ account: '', paymentIntent }, deps);
    const row = (await findAdjustments(deps.db, { account: '', paymentIntent })).find(({ id }) => id === subject);
    if (row?.decision === 'review') return { answered: false, said: row.reason };
    return answered(`${end.outcome}: ${end.reason}`);
  },
};

export const noNote: Choice = {
  name: 'no_note',
  effect: 'No credit note is issued by the program: settle it in your books, or write one by hand.',
  run: async ({ subject }, { db }) => {
    await closeAdjustment(db, subject, 'a person decided that the program issues no credit note for it');
    return answered('no credit note is issued');
  },
};

/** The note that is there stays; for what it does not cover nothing more is issued. */
export const restByHand: Choice = {
  name: 'rest_by_hand',
  effect: 'The note that was issued stays. What it does not cover you have settled by hand, on another invoice.',
  run: async () => answered('the rest is settled by hand'),
};

export const keepNote: Choice = {
  name: keptNote,
  effect: 'The credit note stays; pay the customer another way if the money is still owed to him.',
  run: async ({ subject, details }, deps) => {
    const { credit_note: note } = ofNote.parse(details);
    if (await isReversalIssued(note, deps)) {
      throw new StripeRefused(
        `Credit note ${note} has its reversal invoice already: decide issue_reversal again to finish it.`,
      );
    }
    await closeAdjustment(deps.db, subject, 'a person decided to keep the note');
    return answered('the credit note stays');
  },
};

export const reverse: Choice = {
  name: 'issue_reversal',
  effect: 'A new invoice with the lines of the credit note is issued and marked paid; it refers to the note.',
  run: async ({ subject, details }, deps) => {
    const number = await reverseNote(ofNote.parse(details).credit_note, deps);
    await closeAdjustment(deps.db, subject, `its note was taken back by invoice ${number}`);
    return answered(`reversed by invoice ${number}`);
  },
};
