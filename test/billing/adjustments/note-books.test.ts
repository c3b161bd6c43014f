import { expect, test } from 'vitest';
import { type Books, creditable, overstatement, type ToldNote } from '../../../src/billing/adjustments/note-books.ts';
import { adjustment, books, claim, linked, lost, type NoteClaim, onInvoice, toldNote } from './stripe-adjustments.ts';

test.each<[string, { notes?: ToldNote[]; claims?: NoteClaim[] }, number]>([
  ['all of it', {}, 10_000],
  ['less the notes that Stripe tells of, whoever made them', { notes: [toldNote({ total: 3_000 })] }, 7_000],
  ['with what a void note had taken', { notes: [toldNote({ status: 'void' })] }, 10_000],
  ['a void note of ours included', { notes: [toldNote({ status: 'void' })], claims: [claim()] }, 10_000],
  ['less a note of ours that was issued since', { claims: [claim()] }, 9_000],
  [
    'less one of ours that was issued since, beside those that Stripe tells of',
    { notes: [toldNote({ id: 'cn_0', total: 3_000 })], claims: [claim()] },
    6_000,
  ],
  ['a note that both tell of counts once', { notes: [toldNote()], claims: [claim()] }, 9_000],
  ['a claim without a note takes nothing', { claims: [claim({ stripe_credit_note: null })] }, 10_000],
  ['nor does the note of another invoice', { claims: [claim({ stripe_invoice: 'in_2' })] }, 10_000],
  ['nothing is left', { notes: [toldNote({ total: 10_000 })] }, 0],
])('what may still be credited: %s', (_, { notes = [], claims = [] }, left) => {
  expect(creditable(onInvoice({}, notes), claims)).toBe(left);
});

/** Of 100.00 EUR: a note of 30.00 for re_1, which has failed. */
const noted = (total: number, id = 'cn_1') => toldNote({ id, total });
const failed = adjustment({ amount: 3_000, status: 'failed' });
const itsClaim = claim({ amount: 3_000 });

test.each<[string, Partial<Books>, number]>([
  ['nothing, before any note', { invoices: [onInvoice()], claims: [] }, 0],
  ['nothing, while the cause of the note is there', { adjustments: [adjustment({ amount: 3_000 })] }, 0],
  ['the note, when its refund has failed', { adjustments: [failed] }, 3_000],
  ['nothing, once a person keeps it', { adjustments: [failed], kept: ['re_1'] }, 0],
  [
    'nothing, once an invoice took it back',
    { invoices: [onInvoice({}, [noted(3_000)]), onInvoice({ id: 'in_2', total: 3_000 })], adjustments: [failed] },
    0,
  ],
  [
    'nothing, when a lost dispute over everything had only the rest for its note',
    {
      invoices: [onInvoice({}, [noted(3_000), noted(7_000, 'cn_2')])],
      adjustments: [failed, lost({ amount: 10_000 })],
    },
    0,
  ],
  [
    'the part that the dispute did not take',
    { invoices: [onInvoice({}, [noted(3_000), noted(7_000, 'cn_2')])], adjustments: [failed, lost({ amount: 8_000 })] },
    2_000,
  ],
  [
    'less than nothing, while the note of another refund is not out yet',
    { adjustments: [failed, adjustment({ id: 're_2', amount: 5_000 })] },
    -2_000,
  ],
  [
    'nothing, where a person credited what was never paid, or to the balance of the customer',
    { invoices: [onInvoice({}, [toldNote({ total: 2_000, out_of_band_amount: null })])], claims: [] },
    0,
  ],
  [
    'nothing, where a person documented the refund in his own way',
    {
      invoices: [onInvoice({}, [toldNote({ total: 3_000 })])],
      claims: [],
      adjustments: [adjustment({ amount: 3_000 })],
    },
    0,
  ],
  [
    'nothing, where its note is linked to the refund',
    {
      invoices: [onInvoice({}, [toldNote({ total: 3_000, refunds: [linked({ amount_refunded: 3_000 })] })])],
      adjustments: [adjustment({ amount: 3_000 })],
    },
    0,
  ],
  [
    'nothing, where a note that is void had said that the customer got it in another way',
    { invoices: [onInvoice({}, [toldNote({ status: 'void', out_of_band_amount: null })])], claims: [] },
    0,
  ],
  [
    'nothing, where it went back in another currency: that is no money of this invoice',
    { invoices: [onInvoice()], claims: [], adjustments: [adjustment({ amount: 3_000, currency: 'usd' })] },
    0,
  ],
  [
    'nothing, where a person keeps a note that was never issued',
    {
      invoices: [onInvoice()],
      claims: [claim({ amount: 3_000, stripe_credit_note: null })],
      adjustments: [failed],
      kept: ['re_1'],
    },
    0,
  ],
  [
    'nothing, where a person kept a note and it was taken back after all',
    {
      invoices: [onInvoice({}, [noted(3_000)]), onInvoice({ id: 'in_2', total: 3_000 })],
      claims: [claim({ amount: 3_000, reversed_by: 'in_2' })],
      adjustments: [failed],
      kept: ['re_1'],
    },
    0,
  ],
  [
    'nothing, where more was taken back than was paid',
    {
      invoices: [onInvoice({}, [noted(3_000), noted(7_000, 'cn_2')])],
      adjustments: [adjustment({ amount: 3_000 }), lost({ amount: 10_000 })],
    },
    0,
  ],
])('kept, but missing from the documents: %s', (_, says, missing) => {
  const invoices = [onInvoice({}, [noted(3_000)])] as const;
  expect(overstatement(books({ invoices, claims: [itsClaim], ...says }))).toBe(0 - missing);
});
