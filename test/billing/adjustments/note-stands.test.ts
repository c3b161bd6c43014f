import { describe, expect, test } from 'vitest';
import { adjustment, books, claim, lost, madeFor, onInvoice, planFor } from './stripe-adjustments.ts';

describe('what is over without money having gone', () => {
  const failed = adjustment({ status: 'failed' });
  const won = lost({ status: 'won' });
  const noted = (id: string) =>
    books({ invoices: [onInvoice({}, [madeFor(id)])], claims: [claim({ adjustment: id })] });

  test('leaves no note', () => {
    expect(planFor(failed)).toMatchObject({ decision: 'none' });
    expect(planFor(won)).toMatchObject({ decision: 'none' });
  });
  test('leaves none either when a claim was made but not its note', () => {
    expect(planFor(failed, { claims: [claim({ stripe_credit_note: null })] })).toMatchObject({
      decision: 'none',
    });
  });
  test.each([
    [
      failed,
      'refund_failed_after_note',
      'the refund is failed, but its note stands',
      /^Refund re_1 is failed .*A-0001-CN-01.* pay the customer another way/,
    ],
    [won, 'dispute_won_after_note', 'the dispute is won, but its note stands', /^Dispute du_1 was won .*A-0001-CN-01/],
  ])('is a question to a person when its note was issued before', (over, kind, reason, summary) => {
    expect(planFor(over, noted(over.id))).toMatchObject({
      decision: 'stands',
      reason,
      note: { id: 'cn_1' },
      on: 'in_1',
      question: {
        kind,
        subject: over.id,
        summary: expect.stringMatching(summary),
        details: { credit_note: 'cn_1', amount: 1_000, currency: 'eur' },
      },
    });
  });
  test('is a question too when the answer about its note was lost', () => {
    expect(planFor(failed, { invoices: [onInvoice({}, [madeFor('re_1')])] })).toMatchObject({
      decision: 'stands',
    });
  });
  test('stays silent while the same money went back another way: the note stands for that', () => {
    const again = adjustment({ id: 're_2' });
    expect(planFor(failed, { ...noted('re_1'), adjustments: [again] })).toEqual({
      decision: 'none',
      reason: 'its note stands for what else was taken back of the payment',
    });
    expect(planFor(again, { ...noted('re_1'), adjustments: [failed] })).toEqual({
      decision: 'none',
      reason: 'other notes of the payment document it already',
    });
    const more = adjustment({ id: 're_2', amount: 3_000 });
    expect(planFor(more, { ...noted('re_1'), adjustments: [failed] })).toMatchObject({ note: { amount: 2_000 } });
  });
  test('is settled when a person keeps the note; a refund after that has its own', () => {
    const kept = { ...noted('re_1'), kept: ['re_1'] };
    expect(planFor(failed, kept)).toEqual({ decision: 'none', reason: 'a person decided to keep the note' });
    const again = adjustment({ id: 're_2' });
    expect(planFor(again, { ...kept, adjustments: [failed] })).toMatchObject({ note: { amount: 1_000 } });
  });
  test('is settled once its note was taken back', () => {
    const reversed = { ...noted('re_1'), claims: [claim({ reversed_by: 'in_9' })] };
    expect(planFor(failed, reversed)).toEqual({ decision: 'none', reason: 'its note was taken back by invoice in_9' });
  });
  test('is waited for while it is on appeal, its note untouched', () => {
    expect(planFor(lost({ status: 'appeal_under_review' }), noted('du_1'))).toEqual({
      decision: 'wait',
      reason: 'the dispute is appeal_under_review',
    });
  });
});
