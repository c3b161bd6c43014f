import type Stripe from 'stripe';
import { beforeAll, describe, expect, test } from 'vitest';
import { open, refusal, type Simulated, simulated } from '../invoicing/simulated.ts';
import { newCustomer, paidElsewhere, paidWithTax } from './credited.ts';

let sim: Simulated;
let stripe: Stripe;

beforeAll(async () => {
  sim = await simulated();
  stripe = sim.stripe;
});

describe('lines of a note', () => {
  const bare = { type: 'invoice_line_item' } as const;

  test('with tax amounts add up exactly, and never to more than the line has', async () => {
    const { invoice, line, rate } = await paidWithTax(sim);
    const credit = (amount: number, tax: number): Stripe.CreditNoteCreateParams => ({
      invoice: invoice.id,
      lines: [
        {
          ...bare,
          invoice_line_item: line,
          amount,
          tax_amounts: [{ amount: tax, taxable_amount: amount, tax_rate: rate }],
        },
      ],
      out_of_band_amount: amount + tax,
    });
    const note = await stripe.creditNotes.create(credit(333, 63));
    expect(note).toMatchObject({ subtotal: 333, total: 396, total_excluding_tax: 333 });
    expect(note.total_taxes).toMatchObject([
      { amount: 63, tax_behavior: 'exclusive', tax_rate_details: { tax_rate: rate } },
    ]);
    expect((await refusal(stripe.creditNotes.create(credit(668, 100)))).param).toBe('lines[0][amount]');
    expect((await refusal(stripe.creditNotes.create(credit(100, 128)))).param).toBe('lines[0][tax_amounts][0][amount]');
    expect((await stripe.creditNotes.create(credit(667, 127))).total).toBe(794);
  });

  test('without tax amounts take the tax out of the amount, and the last one takes the rest', async () => {
    const { invoice, line } = await paidWithTax(sim);
    const credit = (amount: number): Promise<Stripe.CreditNote> =>
      stripe.creditNotes.create({
        invoice: invoice.id,
        lines: [{ ...bare, invoice_line_item: line, amount }],
        out_of_band_amount: amount,
      });
    const notes = [await credit(333), await credit(400), await credit(457)];
    expect(notes.map(({ total }) => total)).toEqual([333, 400, 457]);
    const nets = notes.map(({ subtotal }) => subtotal);
    expect(nets.reduce((sum, net) => sum + net, 0)).toBe(1000);
  });

  test('by quantity credit so many units; the two ways do not mix', async () => {
    const invoice = await stripe.invoices.create({ customer: await newCustomer(sim), currency: 'eur' });
    const price_data = { currency: 'eur', unit_amount: 250, product_data: { name: 'Seat' } };
    await stripe.invoices.addLines(invoice.id, { lines: [{ quantity: 4, price_data }] });
    const { id, lines } = await stripe.invoices.pay(invoice.id, { paid_out_of_band: true });
    const line = { ...bare, invoice_line_item: lines.data[0]?.id ?? '' };
    const credit = (fields: object, total: number): Promise<Stripe.CreditNote> =>
      stripe.creditNotes.create({ invoice: id, lines: [{ ...line, ...fields }], out_of_band_amount: total });
    const note = await credit({ quantity: 1 }, 250);
    expect(note.lines.data).toMatchObject([{ amount: 250, quantity: 1, description: 'Seat' }]);
    expect((await refusal(credit({ amount: 100 }, 100))).message).toMatch(/credited by quantity/);
    expect((await refusal(credit({ quantity: 4 }, 1000))).param).toBe('lines[0][quantity]');
    expect((await refusal(credit({}, 0))).param).toBe('lines[0][amount]');
    expect((await credit({ quantity: 3 }, 750)).total).toBe(750);
  });

  test('of negative lines are negative, and the note stays positive', async () => {
    const { id, lines } = await paidElsewhere(sim, 1000, -400);
    const [up = '', down = ''] = lines.data.map((line) => line.id);
    const credit = (plus: number, minus: number): Promise<Stripe.CreditNote> =>
      stripe.creditNotes.create({
        invoice: id,
        lines: [
          { ...bare, invoice_line_item: up, amount: plus },
          { ...bare, invoice_line_item: down, amount: minus },
        ],
        out_of_band_amount: Math.max(0, plus + minus),
      });
    expect((await refusal(credit(500, 100))).param).toBe('lines[1][amount]');
    expect((await refusal(credit(500, -401))).param).toBe('lines[1][amount]');
    expect((await refusal(credit(300, -400))).message).toMatch(/must be positive/);
    expect((await credit(1000, -400)).total).toBe(600);
  });

  test('of their own have a price and tax rates', async () => {
    const rate = await stripe.taxRates.create({ display_name: 'VAT', percentage: 20, inclusive: false });
    const { id } = await paidElsewhere(sim, 1000);
    const note = await stripe.creditNotes.create({
      invoice: id,
      lines: [
        { type: 'custom_line_item', description: 'Courtesy', unit_amount: 100, quantity: 2, tax_rates: [rate.id] },
      ],
      out_of_band_amount: 240,
    });
    expect(note).toMatchObject({ subtotal: 200, total: 240 });
    expect(note.lines.data).toMatchObject([{ type: 'custom_line_item', unit_amount: 100, quantity: 2, amount: 200 }]);
  });

  test('take discounts back in proportion', async () => {
    const coupon = await stripe.coupons.create({ percent_off: 25, duration: 'once' });
    const customer = await newCustomer(sim);
    const { id, lines } = await open(sim, { customer, discounts: [{ coupon: coupon.id }] });
    await stripe.invoices.pay(id, { paid_out_of_band: true });
    const note = await stripe.creditNotes.create({
      invoice: id,
      lines: [{ ...bare, invoice_line_item: lines.data[0]?.id ?? '', amount: 400 }],
      out_of_band_amount: 300,
    });
    expect(note).toMatchObject({ subtotal: 400, discount_amount: 100, total: 300 });
  });

  test('are listed, ten of them in the note', async () => {
    const { id, lines } = await paidElsewhere(sim, ...Array.from({ length: 12 }, () => 100));
    const all = await stripe.invoices.listLineItems(id, { limit: 100 });
    expect(lines.has_more).toBe(true);
    const note = await stripe.creditNotes.create({
      invoice: id,
      lines: all.data.map((line) => ({ ...bare, invoice_line_item: line.id, amount: 50 })),
      out_of_band_amount: 600,
    });
    expect([note.lines.data.length, note.lines.has_more]).toEqual([10, true]);
    expect(await stripe.creditNotes.listLineItems(note.id).autoPagingToArray({ limit: 100 })).toHaveLength(12);
  });
});

describe('a preview', () => {
  test('is what the note would be, and leaves no trace', async () => {
    const { invoice, line, rate } = await paidWithTax(sim);
    const params = {
      invoice: invoice.id,
      lines: [
        {
          type: 'invoice_line_item' as const,
          invoice_line_item: line,
          amount: 500,
          tax_amounts: [{ amount: 95, taxable_amount: 500, tax_rate: rate }],
        },
      ],
      out_of_band_amount: 595,
    };
    sim.newEvents();
    const preview = await stripe.creditNotes.preview(params);
    expect(await stripe.creditNotes.listPreviewLineItems(params)).toMatchObject({ data: [{ amount: 500 }] });
    expect(sim.newEvents()).toEqual([]);
    expect((await stripe.creditNotes.list({ invoice: invoice.id })).data).toEqual([]);
    const note = await stripe.creditNotes.create(params);
    const { total, subtotal, total_taxes, number, post_payment_amount } = note;
    expect(preview).toMatchObject({ total, subtotal, total_taxes, number, post_payment_amount });
  });

  test('is refused where the note would be', async () => {
    const { id: invoice } = await paidElsewhere(sim, 1000);
    const error = await refusal(stripe.creditNotes.preview({ invoice, amount: 1001, out_of_band_amount: 1001 }));
    expect(error.param).toBe('amount');
  });
});
