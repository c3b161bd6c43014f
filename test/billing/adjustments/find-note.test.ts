import { expect, test } from 'vitest';
import type { ToldNote } from '../../../src/billing/adjustments/note-books.ts';
import { findNote } from '../../../src/billing/adjustments/plan-note.ts';
import { linked, linkedTo, madeFor, refund, toldNote } from './stripe-adjustments.ts';

test.each<[string, boolean, ToldNote]>([
  ['ours, made for it', true, madeFor('re_1')],
  ['ours, made for another', false, madeFor('re_2')],
  ["a person's, linked to it", true, toldNote(linkedTo('re_2', 're_1'))],
  [
    "a person's, linked to it, and Stripe tells all of the refund",
    true,
    toldNote({ refunds: [linked({ refund: refund() })] }),
  ],
  ["a person's, linked to another", false, toldNote(linkedTo('re_2'))],
  [
    "a person's, linked to money that went back elsewhere",
    false,
    // Stripe's types know no note without a refund of ours; its payment records have none.
    toldNote({ refunds: [Object.assign(linked({ type: 'payment_record_refund' }), { refund: null })] }),
  ],
  ["a person's, of which nothing is said", false, toldNote({ metadata: null })],
  ['void', false, madeFor('re_1', { status: 'void' })],
])('the note of a refund: %s is it: %s', (_what, its, note) => {
  expect(findNote('re_1', [note])).toBe(its ? note : undefined);
});
