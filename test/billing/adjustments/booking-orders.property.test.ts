import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { findInvoice } from '../../../src/billing/own-invoices/invoices.ts';
import { routeOf } from '../../../src/billing/stripe-events.ts';
import { BusyError } from '../../../src/platform/errors.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { bookedLater, GAP, MINUTE } from '../../support/booked-later.ts';
import { ownInvoices } from '../../support/own-invoices.ts';
import { propertyRun } from '../../support/property.ts';
import { buy } from '../../support/purchases.ts';

const billing = await billingUnderTest();
const { deps, side } = billing;
const { db } = deps;
const { issued, opened, pay, intentOf } = ownInvoices(billing);
const { advance, bankAnswers, factsOf, invoiceOf, handle } = bookedLater(billing);

/** What happened to a debit at Stripe, and which of its events are handled by then. */
const chargeOrIntent = z.looseObject({ id: z.string(), payment_intent: z.string().nullish() });

test('every order of its events, before and after its booking, ends with the same day', async () => {
  const story = fc.record({
    own: fc.boolean(),
    order: fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 }),
    beforeBooking: fc.nat({ max: 8 }),
  });
  for (const { own, order, beforeBooking } of fc.sample(story, propertyRun(8))) {
    const seen = (await side.events()).length;
    const invoice = own ? await issued() : undefined;
    const session = invoice ? await opened(invoice) : undefined;
    if (session) await pay(session, 'debit');
    const payment = session ? await intentOf(session) : await buy(side, {}, { choice: 'debit' });
    await advance(GAP);
    await bankAnswers(payment);
    const happened = (await side.events()).slice(seen).filter(({ data, type }) => {
      const { id, payment_intent } = chargeOrIntent.parse(data.object);
      return routeOf(type) && (id === payment || payment_intent === payment);
    });
    let waiting: (typeof happened)[number][] = [];
    const take = async (event: (typeof happened)[number]) => {
      await handle(event.type, event.data.object).catch((error: unknown) => {
        if (!(error instanceof BusyError)) throw error;
        waiting.push(event);
      });
    };
    const inOrder = order.flatMap((place) => happened[place] ?? []);
    for (const event of inOrder.slice(0, beforeBooking)) await take(event);
    await advance(2 * MINUTE);
    const updated = (await side.events()).filter(
      ({ type, data }) => type === 'charge.updated' && chargeOrIntent.parse(data.object).payment_intent === payment,
    );
    for (const event of [...updated, ...inOrder.slice(beforeBooking)]) await take(event);
    const again = waiting;
    waiting = [];
    for (const event of again) await take(event);
    expect(waiting).toEqual([]);

    const { booked } = await factsOf(payment);
    expect((await invoiceOf(payment))?.effective_at).toBe(booked);
    if (invoice) expect((await findInvoice(db, invoice.id))?.paid_at?.getTime()).toBe((booked ?? 0) * 1_000);
  }
}, 120_000);
