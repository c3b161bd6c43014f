import { describe, expect, test } from 'vitest';
import type { Books } from '../../../src/billing/adjustments/note-books.ts';
import type { NotePlan } from '../../../src/billing/adjustments/plan-note.ts';
import { adjustment, claim, linkedTo, lost, madeFor, onInvoice, planFor, toldNote } from './stripe-adjustments.ts';

const outOfBand = { invoice: 'in_1', allocation: 'out_of_band' };

describe('a succeeded refund', () => {
  test.each<[string, Partial<Books>, object]>([
    ['gets its note', {}, { ...outOfBand, amount: 1_000 }],
    ['is linked where the payment is attached', { settlement: 'attached' }, { amount: 1_000, allocation: 'refund' }],
    ['gets what is left, where that is less', { invoices: [onInvoice({ total: 400 })] }, { ...outOfBand, amount: 400 }],
    [
      'keeps the note that is there',
      { invoices: [onInvoice({}, [madeFor('re_1')])] },
      { amount: 1_000, made: madeFor('re_1') },
    ],
    [
      'keeps it however often it is looked at, beside the notes of others',
      {
        invoices: [onInvoice({}, [madeFor('re_1'), madeFor('re_2', { id: 'cn_2' })])],
        claims: [claim({ adjustment: 're_2', stripe_credit_note: 'cn_2' }), claim()],
      },
      { amount: 1_000, made: { id: 'cn_1' } },
    ],
    [
      'takes over the note that a person made along with it, over its amount',
      { invoices: [onInvoice({}, [toldNote({ total: 1_500, ...linkedTo('re_1') })])] },
      { amount: 1_500, made: { id: 'cn_1' } },
    ],
    [
      'gets a note of its own when its note was voided before it was recorded',
      { invoices: [onInvoice({}, [madeFor('re_1', { status: 'void' })])] },
      { amount: 1_000 },
    ],
    [
      'may take over a claim whose note was never made',
      { claims: [claim({ stripe_credit_note: null })] },
      { ...outOfBand, amount: 1_000 },
    ],
    [
      'goes on the invoice that took back an earlier note, out of band, when the first is credited in full',
      {
        settlement: 'attached',
        invoices: [onInvoice({ total: 1_000 }, [madeFor('re_0')]), onInvoice({ id: 'in_2', total: 1_000 })],
      },
      { invoice: 'in_2', amount: 1_000, allocation: 'out_of_band' },
    ],
    [
      'goes on the first invoice of which just enough is left, though another has more',
      { invoices: [onInvoice({ total: 1_000 }), onInvoice({ id: 'in_2', total: 9_000 })] },
      { invoice: 'in_1', amount: 1_000 },
    ],
    [
      'goes on the first of those that have equally little left',
      { invoices: [onInvoice({ total: 600 }), onInvoice({ id: 'in_2', total: 600 })] },
      { invoice: 'in_1', amount: 600 },
    ],
    [
      'goes where most is left, when nowhere enough is left',
      {
        invoices: [
          onInvoice({ total: 300 }),
          onInvoice({ id: 'in_2', total: 900 }),
          onInvoice({ id: 'in_3', total: 500 }),
        ],
      },
      { invoice: 'in_2', amount: 900 },
    ],
    [
      'goes on the first invoice of several',
      { invoices: [onInvoice(), onInvoice({ id: 'in_2' })] },
      { invoice: 'in_1' },
    ],
    [
      'counts a refund under way for nothing',
      { adjustments: [adjustment({ id: 're_2', amount: 9_900, status: 'pending' })] },
      { amount: 1_000 },
    ],
  ])('%s', (_, says, note) => {
    const its = planFor(adjustment(), says);
    expect(its).toMatchObject({ decision: 'note', note });
    if (!('made' in note) && its.decision === 'note') expect(its.note.made).toBeUndefined();
  });

  test.each<[string, Partial<Books>, Partial<NotePlan>]>([
    [
      'is only recorded while adjustments are off',
      { issuing: false },
      { decision: 'off', reason: 'adjustments are switched off' },
    ],
    [
      'gets none when nothing is left',
      { invoices: [onInvoice({ total: 1_000 }, [toldNote()])] },
      { decision: 'none', reason: 'the invoice is credited in full already' },
    ],
    [
      'gets none when a person documented it along with another refund',
      { invoices: [onInvoice({}, [toldNote(linkedTo('re_2', 're_1'))])], claims: [claim({ adjustment: 're_2' })] },
      { decision: 'none', reason: 'credit note A-0001-CN-01 documents it along with re_2' },
    ],
    [
      'gets no second note when its own was voided by hand',
      { invoices: [onInvoice({}, [madeFor('re_1', { status: 'void' })])], claims: [claim()] },
      { decision: 'none', reason: 'credit note A-0001-CN-01 was voided at Stripe' },
    ],
  ])('%s', (_, says, expected) => expect(planFor(adjustment(), says)).toMatchObject(expected));

  test('keeps its note when adjustments were switched off since', () => {
    const its = planFor(adjustment(), { issuing: false, invoices: [onInvoice({}, [madeFor('re_1')])] });
    expect(its).toMatchObject({ decision: 'note', note: { made: { id: 'cn_1' } } });
  });

  test.each<[string, Partial<Books>, object]>([
    [
      'in another currency than its invoice',
      { invoices: [onInvoice({ currency: 'usd' })] },
      {
        kind: 'adjustment_currency_differs',
        summary: expect.stringMatching(/re_1 is in eur, its invoice in_1 in usd/),
        details: { expected: 'usd', found: 'eur', amount: 1_000 },
      },
    ],
    [
      'of an invoice that is not paid',
      { invoices: [onInvoice({ status: 'open' })] },
      {
        kind: 'adjusted_invoice_not_paid',
        summary: expect.stringMatching(/in_1 of the refund re_1 is open/),
        details: { invoice: 'in_1', status: 'open' },
      },
    ],
  ])('%s is a question to a person', (_, says, question) => {
    expect(planFor(adjustment(), says)).toMatchObject({
      decision: 'review',
      question: { subject: 're_1', ...question },
    });
  });
});

test.each<[string, number, string]>([
  ['all of it: nothing more', 1_000, 'the refund succeeded'],
  ['less: how much', 400, 'the refund succeeded; only EUR 4.00 of it is left to document'],
])('the reason of a note over %s is said', (_what, total, reason) => {
  expect(planFor(adjustment(), { invoices: [onInvoice({ total })] })).toMatchObject({ decision: 'note', reason });
});

test('a refund that no single invoice can cover: a note over what one can, and a question about the rest', () => {
  const invoices = [onInvoice({ total: 430 }), onInvoice({ id: 'in_2', total: 710 })] as const;
  expect(planFor(adjustment({ amount: 1_000 }), { invoices })).toMatchObject({
    decision: 'note',
    note: { invoice: 'in_2', amount: 710 },
    question: {
      kind: 'adjustment_not_covered',
      subject: 're_1',
      summary: expect.stringMatching(/re_1 is over EUR 10\.00.* over EUR 7\.10.* over EUR 2\.90 /),
      details: { amount: 710, uncovered: 290 },
    },
  });
  expect(planFor(adjustment({ amount: 700 }), { invoices })).not.toHaveProperty('question');
  const [small] = invoices;
  expect(planFor(adjustment(), { invoices: [small] }), 'nothing else is left').not.toHaveProperty('question');
});

test('no more is asked for than the other invoices have left, where a part was credited in another way', () => {
  const credited = toldNote({ total: 400, out_of_band_amount: null });
  const invoices = [onInvoice({ total: 1_000 }, [credited]), onInvoice({ id: 'in_2', total: 300 })] as const;
  expect(planFor(adjustment(), { invoices })).toMatchObject({
    note: { invoice: 'in_1', amount: 600 },
    question: { details: { uncovered: 300 } },
  });
});

describe('a lost dispute', () => {
  test.each<[string, Partial<Books>, object]>([
    ['is never linked', { settlement: 'attached' }, { amount: 1_000, allocation: 'out_of_band' }],
    [
      'gets what refunds have left of the invoice',
      { invoices: [onInvoice({ total: 1_000 }, [toldNote({ total: 300 })])] },
      { amount: 700 },
    ],
    [
      'takes its part while a refund of the rest is under way',
      { adjustments: [adjustment({ amount: 9_000, status: 'pending' })] },
      { amount: 1_000 },
    ],
    [
      'is not held up by another dispute that is not decided',
      { adjustments: [lost({ id: 'du_2', amount: 9_500, status: 'needs_response' })] },
      { amount: 1_000 },
    ],
    [
      'is not held up by a refund that failed',
      { adjustments: [adjustment({ amount: 10_000, status: 'failed' })] },
      { amount: 1_000 },
    ],
  ])('%s', (_, says, note) => {
    expect(planFor(lost(), says)).toMatchObject({ decision: 'note', note });
  });

  test('waits while a refund under way may take from the same rest', () => {
    const its = planFor(lost(), { adjustments: [adjustment({ amount: 9_001, status: 'pending' })] });
    expect(its).toEqual({ decision: 'wait', reason: 'a refund of the payment is still on its way' });
  });
});
