import type { InvoiceState } from './invoice-state.ts';

/** The state in a word, for chips and lists. */
export const STATE_WORDS: Readonly<Record<InvoiceState, string>> = {
  draft: 'Draft',
  unpaid: 'Unpaid',
  overdue: 'Overdue',
  processing: 'Processing',
  checking: 'Being checked',
  paid: 'Paid',
  void: 'Void',
};

/** How a chip looks: `good` is settled, `bad` asks for something, `busy` waits, `quiet` needs nobody. */
export const STATE_TONES: Readonly<Record<InvoiceState, 'good' | 'bad' | 'busy' | 'quiet' | 'plain'>> = {
  draft: 'quiet',
  unpaid: 'plain',
  overdue: 'bad',
  processing: 'busy',
  checking: 'busy',
  paid: 'good',
  void: 'quiet',
};
