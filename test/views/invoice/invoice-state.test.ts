import { describe, expect, test } from 'vitest';
import {
  countedExtras,
  type InvoiceState,
  invoiceState,
  isPayable,
  lastFailure,
} from '../../../src/views/invoice/invoice-state.ts';
import { attempt, entry, issued, paid } from '../example-invoice.ts';

type Attempt = Parameters<typeof invoiceState>[1];
const noted = { payment_intent: 'pi_odd' };

test.each<[string, InvoiceState, Attempt]>([
  ['nobody has tried to pay', 'unpaid', undefined],
  ['a payment page is being made', 'unpaid', attempt('creating')],
  ['a payment page is open', 'unpaid', attempt('open')],
  ['it has expired', 'unpaid', attempt('expired')],
  ['a bank debit came back', 'unpaid', attempt('failed')],
  ['a bank debit is on its way', 'processing', attempt('processing')],
  ['a payment did not pass the checks', 'checking', attempt('open', noted)],
  ['so did a bank debit', 'checking', attempt('processing', noted)],
  ['a person has decided about it', 'unpaid', attempt('failed', noted)],
])('an issued invoice, when %s, is shown as %s', (_when, state, latest) => {
  expect(invoiceState(issued, latest, '2026-12-31')).toBe(state);
});

test('the day after its due date it is overdue, unless a payment is on its way', () => {
  expect(invoiceState(issued, undefined, '2027-01-01')).toBe('overdue');
  expect(invoiceState(issued, attempt('open'), '2027-01-01')).toBe('overdue');
  expect(invoiceState(issued, attempt('processing'), '2027-01-01')).toBe('processing');
  expect(invoiceState({ ...issued, due_date: null }, undefined, '2099-01-01')).toBe('unpaid');
});

test('what is paid, void or a draft stays so, whatever became of its payment pages', () => {
  for (const status of ['paid', 'void', 'draft'] as const) {
    for (const latest of [undefined, attempt('open', noted), attempt('processing'), attempt('paid')]) {
      expect(invoiceState({ status, due_date: '2000-01-01' }, latest, '2026-12-31')).toBe(status);
    }
  }
});

test('only what is unpaid or overdue can be paid', () => {
  const states: InvoiceState[] = ['draft', 'unpaid', 'overdue', 'processing', 'checking', 'paid', 'void'];
  expect(states.filter(isPayable)).toEqual(['unpaid', 'overdue']);
});

test('extras count when they were paid, or are being paid; not when they are only ticked', () => {
  const ticked = { extras: [4] };
  expect(countedExtras('unpaid', issued, ticked)).toEqual([]);
  expect(countedExtras('processing', issued, ticked)).toEqual([4]);
  expect(countedExtras('checking', issued, ticked)).toEqual([4]);
  expect(countedExtras('paid', paid, undefined)).toEqual([4]);
  expect(countedExtras('void', issued, ticked)).toEqual([]);
});

describe('the last failure', () => {
  const failed = entry('attempt_failed', 'The card has expired.');

  test('is told with its time, also when the payment page was opened again', () => {
    expect(lastFailure([failed, entry('session_opened', '')], attempt('open'))).toEqual({
      words: 'The card has expired.',
      at: failed.at,
    });
  });

  test('is not told any more once something else has happened', () => {
    expect(lastFailure([failed, entry('refund', 'Refunded EUR 1.00.')], undefined)).toBeUndefined();
    expect(lastFailure([failed, entry('mismatch', 'odd')], attempt('failed', noted))).toBeUndefined();
    expect(lastFailure([], undefined)).toBeUndefined();
  });

  test('of a bank debit is known from the attempt alone, before the event with its reason', () => {
    expect(lastFailure([entry('processing', '')], attempt('failed'))?.words).toMatch(/bank/);
  });
});
