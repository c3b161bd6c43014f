import { expect, test } from 'vitest';
import type { Observation } from '../../../bin/lib/demo/observation.ts';
import type { Purchase } from '../../../bin/lib/demo/purchase.ts';
import { complaints, type Proof } from '../../../bin/lib/demo/verdict.ts';

const purchase: Purchase = {
  course: 'Watercolour',
  amount: 14_900,
  currency: 'eur',
  paymentIntent: 'pi_1',
  clickedAt: new Date(0),
  repeatedEvent: 'evt_1',
  sentOrder: ['evt_2', 'evt_1'],
};
const event = { type: 'payment_intent.succeeded', heard: true, after: 5, attempts: 1, stripeCalls: 8 };
const right: { seen: Observation; proof: Proof } = {
  seen: {
    events: [
      { ...event, id: 'evt_1', deliveries: 2, outcome: 'processed', reason: 'invoiced' },
      { ...event, id: 'evt_2', deliveries: 1, outcome: 'processed', reason: 'the payment has its invoice' },
    ],
    invoice: {
      step: 'paid',
      stripeInvoice: 'in_1',
      number: 'Q-0001',
      settlement: 'out_of_band',
      hostedUrl: null,
      steps: [],
    },
  },
  proof: {
    intent: { amount_received: 14_900, currency: 'eur' },
    invoices: [{ id: 'in_1', number: 'Q-0001', status: 'paid', total: 14_900, currency: 'eur', amount_remaining: 0 }],
  },
};
const [seenEvent, laterEvent] = right.seen.events;
const [invoice] = right.proof.invoices;
if (!seenEvent || !laterEvent || !invoice) throw new Error('Bug: the right end has two events and one invoice');

const verdict = (seen: Partial<Observation>, proof: Partial<Proof>) =>
  complaints({ ...right.seen, ...seen }, purchase, { ...right.proof, ...proof }).join(' ');

test('the right end has no complaint', () => expect(verdict({}, {})).toBe(''));

test.each<[string, Partial<Observation>, Partial<Proof>, RegExp]>([
  ['no invoice', {}, { invoices: [] }, /0 invoices/],
  ['two invoices', {}, { invoices: [invoice, { ...invoice, id: 'in_2' }] }, /2 invoices.*invoice in_2/],
  ['an open invoice', {}, { invoices: [{ ...invoice, status: 'open', amount_remaining: 14_900 }] }, /is open/],
  ['another total', {}, { invoices: [{ ...invoice, total: 14_901 }] }, /says 14901 eur; received was 14900 eur/],
  ['another currency', {}, { invoices: [{ ...invoice, currency: 'usd' }] }, /14900 usd/],
  ['another number', {}, { invoices: [{ ...invoice, number: 'Q-0002' }] }, /number Q-0002/],
  ['nothing received', {}, { intent: { amount_received: 0, currency: 'eur' } }, /Nothing was received/],
  ['an event without outcome', { events: [{ ...seenEvent, outcome: null }] }, {}, /no outcome/],
  ['an event for a person', { events: [{ ...seenEvent, outcome: 'review' }] }, {}, /waits for a person/],
  ['an order like that of sending', { events: [laterEvent, seenEvent] }, {}, /in the order in which they were sent/],
  ['a webhook that came once', { events: [{ ...seenEvent, deliveries: 1 }] }, {}, /arrived 1 times/],
])('%s is told', (_, seen, proof, sentence) => expect(verdict(seen, proof)).toMatch(sentence));
