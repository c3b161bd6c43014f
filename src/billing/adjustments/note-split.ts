import type Stripe from 'stripe';

/**
 * Spreads a credited amount over the lines and taxes of an invoice, pure: in proportion to what is left of each line, to
 * the minor unit, never more than is left. Whether Stripe comes to the same total is asked with a preview before it is
 * used; where the parts don't come out, the note is a bare amount.
 */
export type NoteLine = Stripe.CreditNoteCreateParams.Line;

export interface NoteSplit {
  readonly lines: readonly NoteLine[];
  /** Line id → minor units, tax included; kept, so that the next note knows what is left. */
  readonly shares: Readonly<Record<string, number>>;
}

/**
 * @param earlier shares of the notes issued so far; null for a note that is a bare amount, or not ours: then what is left
 *   of each line is not known
 * @returns undefined when a split is not possible: a bare amount must do
 */
export function splitNote(
  amount: number,
  invoiceLines: readonly Stripe.InvoiceLineItem[],
  earlier: readonly (Readonly<Record<string, number>> | null)[],
): NoteSplit | undefined {
  if (invoiceLines.some(hasUnclearParts) || earlier.includes(null)) return undefined;
  const left = invoiceLines.map(
    (line) => gross(line) - earlier.reduce((sum, shares) => sum + (shares?.[line.id] ?? 0), 0),
  );
  const all = left.reduce((sum, value) => sum + value, 0);
  if (amount > all || left.some((value) => value < 0)) return undefined;

  const parts = apportion(amount, left);
  const lines: NoteLine[] = [];
  const shares: Record<string, number> = {};
  for (const [position, line] of invoiceLines.entries()) {
    const share = parts[position] ?? 0;
    if (share === 0) continue;
    lines.push(noteLine(line, gross(line) - (left[position] ?? 0), share));
    shares[line.id] = share;
  }
  return { lines, shares };
}

/** Negative lines and discounts share their amount with other lines in ways that a proportion can't follow. */
function hasUnclearParts(line: Stripe.InvoiceLineItem): boolean {
  const discounted = (line.discount_amounts ?? []).some(({ amount }) => amount !== 0);
  const unrated = (line.taxes ?? []).some(({ tax_rate_details }) => !tax_rate_details);
  return line.amount < 0 || discounted || unrated;
}

/** What the line adds to the invoice total. */
function gross(line: Stripe.InvoiceLineItem): number {
  return line.amount + sumOf(exclusiveTaxes(line));
}

function exclusiveTaxes(line: Stripe.InvoiceLineItem): Stripe.InvoiceLineItem.Tax[] {
  return (line.taxes ?? []).filter(({ tax_behavior }) => tax_behavior === 'exclusive');
}

/** @param before what earlier notes took of the line: parts are cut between two marks, so all notes together come out */
function noteLine(line: Stripe.InvoiceLineItem, before: number, share: number): NoteLine {
  const whole = gross(line);
  const cut = (part: number): number => upTo(part, before + share, whole) - upTo(part, before, whole);
  const taxes = (line.taxes ?? []).map((tax) => ({ tax, amount: cut(tax.amount) }));
  const net = share - sumOf(taxes.filter(({ tax }) => tax.tax_behavior === 'exclusive'));
  return {
    type: 'invoice_line_item',
    invoice_line_item: line.id,
    amount: net,
    ...(taxes.length > 0
      ? {
          tax_amounts: taxes.map(({ tax, amount }) => ({
            amount,
            tax_rate: tax.tax_rate_details?.tax_rate ?? '',
            taxable_amount: cut(tax.taxable_amount ?? line.amount),
          })),
        }
      : {}),
  };
}

function upTo(part: number, mark: number, whole: number): number {
  return Math.round((part * mark) / whole);
}

/** Largest remainder: whole parts in proportion to the weights that sum to the amount exactly and exceed no weight. */
export function apportion(amount: number, weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return weights.map(() => 0);
  const exact = weights.map((weight) => (BigInt(amount) * BigInt(weight)) / BigInt(total));
  const parts = exact.map(Number);
  const remainders = weights.map((weight, position) => ({
    position,
    remainder: (BigInt(amount) * BigInt(weight)) % BigInt(total),
  }));
  remainders.sort((a, b) =>
    a.remainder === b.remainder ? a.position - b.position : a.remainder > b.remainder ? -1 : 1,
  );
  let missing = amount - parts.reduce((sum, part) => sum + part, 0);
  for (const { position } of remainders) {
    if (missing === 0) break;
    parts[position] = (parts[position] ?? 0) + 1;
    missing -= 1;
  }
  return parts;
}

function sumOf(items: readonly { readonly amount: number }[]): number {
  return items.reduce((sum, { amount }) => sum + amount, 0);
}
