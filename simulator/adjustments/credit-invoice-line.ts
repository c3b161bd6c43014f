import { allocate } from '../core/allocate.ts';
import type { Context } from '../core/context.ts';
import { invalidParam, missingParam, refused } from '../core/errors.ts';
import { mergeMetadata } from '../core/shared-params.ts';
import { type Invoice, linesOf } from '../invoicing/lines.ts';
import { within } from '../invoicing/param-path.ts';
import { sum, type Tax } from '../invoicing/totals.ts';
import type { SentLine, SentTax } from './credit-note-params.ts';
import { blankLine, type Credit, exclusive } from './note-line.ts';
import { type Measure, type NoteLine, type Rest, restOf, setMeasure } from './note-records.ts';

/** A line that credits a line of the invoice. */
export function creditInvoiceLine(context: Context, invoice: Invoice, sent: SentLine, param: string): NoteLine {
  const id = sent.invoice_line_item;
  if (id === undefined) throw missingParam(within(param, 'invoice_line_item'));
  const line = linesOf(invoice).find((one) => one.id === id);
  const rest = restOf(invoice, id);
  if (line === undefined || rest === undefined) {
    throw refused(`No such invoice line item: '${id}'`, {
      code: 'resource_missing',
      param: within(param, 'invoice_line_item'),
    });
  }
  for (const name of ['unit_amount', 'unit_amount_decimal', 'tax_rates', 'description'] as const) {
    if (sent[name] != null) throw invalidParam(`${name} is only valid for a custom_line_item.`, within(param, name));
  }
  const measure = measureOf(sent, rest, param);
  const credit = measure === 'quantity' ? byQuantity(sent, rest, param) : byAmount(sent, rest, param);
  const made: NoteLine = {
    ...blankLine(context, credit),
    description: line.description,
    invoice_line_item: id,
    metadata: mergeMetadata({}, sent.metadata),
    quantity: sent.quantity ?? null,
    type: 'invoice_line_item',
  };
  setMeasure(made, measure);
  return made;
}

/** "You can't combine discount types on an invoice line item." */
function measureOf(sent: SentLine, rest: Rest, param: string): Measure {
  if ((sent.amount === undefined) === (sent.quantity === undefined)) {
    throw invalidParam('You must specify either amount or quantity for an invoice_line_item.', within(param, 'amount'));
  }
  const measure = sent.amount === undefined ? 'quantity' : 'amount';
  if (rest.measure !== undefined && rest.measure !== measure) {
    const message = `This invoice line item was credited by ${rest.measure} before and can only be credited by ${rest.measure}.`;
    throw refused(message, { param: within(param, measure) });
  }
  return measure;
}

function byQuantity(sent: SentLine, rest: Rest, param: string): Credit {
  const quantity = sent.quantity ?? 0;
  if (quantity > rest.quantity) {
    const message = `The quantity (${quantity}) is greater than the quantity that can still be credited (${rest.quantity}).`;
    throw refused(message, { param: within(param, 'quantity') });
  }
  const amount = quantity === rest.quantity ? rest.amount : Math.round((rest.amount * quantity) / rest.quantity);
  return sent.tax_amounts == null ? portion(rest, amount) : withTaxes(rest, amount, sent.tax_amounts, param);
}

/**
 * With tax amounts, `amount` is before tax. Without them it is all that is credited, and the exclusive tax is taken out of it:
 * Stripe calls the amount "tax exclusive" for automatic tax only.
 */
function byAmount(sent: SentLine, rest: Rest, param: string): Credit {
  const amount = sent.amount ?? 0;
  if (sent.tax_amounts !== undefined) {
    checkAmount(amount, rest.amount, within(param, 'amount'));
    return withTaxes(rest, amount, sent.tax_amounts ?? [], param);
  }
  const tax = exclusive(rest.taxes);
  if (tax === 0) {
    checkAmount(amount, rest.amount, within(param, 'amount'));
    return portion(rest, amount);
  }
  const discount = sum(rest.discounts.map((one) => one.amount));
  const net = rest.amount - discount;
  checkAmount(amount, net + tax, within(param, 'amount'));
  const [netShare = 0, taxShare = 0] = allocate(amount, [Math.abs(net), Math.abs(tax)]);
  const gross = netShare === net ? rest.amount : Math.round((netShare * rest.amount) / net);
  const credit = portion(rest, gross);
  const discounts = allocate(
    gross - netShare,
    rest.discounts.map((one) => one.amount),
  );
  return {
    amount: gross,
    discounts: credit.discounts.map((one, index) => ({ ...one, amount: discounts[index] ?? 0 })),
    taxes: spreadExclusive(rest, credit.taxes, taxShare),
  };
}

/** "The total amount credited to a negative line item must be negative", and never more than there is. */
function checkAmount(amount: number, left: number, param: string): void {
  const positive = left > 0 || (left === 0 && amount > 0);
  if (positive ? amount <= 0 : amount >= 0) {
    throw refused(
      `The amount credited to a ${positive ? 'positive' : 'negative'} line item must be ${positive ? 'positive' : 'negative'}.`,
      { param },
    );
  }
  if (Math.abs(amount) > Math.abs(left)) {
    const message = `The amount (${amount}) is greater than the amount of the line item that can still be credited (${left}).`;
    throw refused(message, { param });
  }
}

/** Discounts and taxes in proportion to the amount; the last portion takes exactly what is left. */
function portion(rest: Rest, amount: number): Credit {
  const share = (part: number): number =>
    amount === rest.amount ? part : rest.amount === 0 ? 0 : Math.round((part * amount) / rest.amount);
  return {
    amount,
    discounts: rest.discounts.map((one) => ({ ...one, amount: share(one.amount) })),
    taxes: rest.taxes.map((tax) => ({
      ...tax,
      amount: share(tax.amount),
      taxable_amount: share(tax.taxable_amount ?? 0),
    })),
  };
}

function spreadExclusive(rest: Rest, taxes: readonly Tax[], onTop: number): Tax[] {
  const left = rest.taxes.map((tax) => (tax.tax_behavior === 'exclusive' ? Math.abs(tax.amount) : 0));
  const parts = allocate(onTop, left);
  return taxes.map((tax, index) => (tax.tax_behavior === 'exclusive' ? { ...tax, amount: parts[index] ?? 0 } : tax));
}

function withTaxes(rest: Rest, amount: number, sent: readonly SentTax[], param: string): Credit {
  const { discounts } = portion(rest, amount);
  const taxes = sent.map((given, index) => {
    const at = within(param, 'tax_amounts', String(index));
    const left = rest.taxes.find(({ tax_rate_details: details }) => details?.tax_rate === given.tax_rate);
    if (left === undefined) {
      throw refused(`The tax rate ${given.tax_rate} does not apply to this invoice line item.`, {
        param: `${at}[tax_rate]`,
      });
    }
    if (Math.abs(given.amount) > Math.abs(left.amount)) {
      const message = `The tax amount (${given.amount}) is greater than the tax that can still be credited (${left.amount}).`;
      throw refused(message, { param: `${at}[amount]` });
    }
    return { ...left, amount: given.amount, taxable_amount: given.taxable_amount };
  });
  return { amount, discounts, taxes };
}
