import type Stripe from 'stripe';
import { apportion } from '../../platform/apportion.ts';

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
  const clear = invoiceLines.flatMap((line) => clearLine(line) ?? []);
  const told = earlier.filter((shares) => shares !== null);
  if (clear.length < invoiceLines.length || told.length < earlier.length) return undefined;
  const rooms = clear.map((line) => {
    const before = told.reduce((sum, shares) => sum + (shares[line.id] ?? 0), 0);
    return { line, before, left: line.gross - before };
  });
  // A negative line shares its amount with other lines in ways that a proportion can't follow.
  if (rooms.some(({ left }) => left < 0)) return undefined;
  const weights = rooms.map(({ left }) => left);
  if (amount > weights.reduce((sum, left) => sum + left, 0)) return undefined;

  const parts = apportion(amount, weights);
  const lines: NoteLine[] = [];
  const shares: Record<string, number> = {};
  for (const [position, { line, before }] of rooms.entries()) {
    const share = parts[position] ?? 0;
    if (share === 0) continue;
    lines.push(noteLine(line, before, share));
    shares[line.id] = share;
  }
  return { lines, shares };
}

/** A line of an invoice whose parts a proportion can follow. */
interface ClearLine {
  readonly id: string;
  /** What it adds to the invoice total. */
  readonly gross: number;
  readonly taxes: readonly ClearTax[];
}

interface ClearTax {
  readonly amount: number;
  readonly taxable: number;
  readonly rate: string;
  readonly exclusive: boolean;
}

/** undefined where Stripe has taken a discount off the line, or tells a tax without its rate. */
function clearLine({ id, amount, discount_amounts, taxes }: Stripe.InvoiceLineItem): ClearLine | undefined {
  if (discount_amounts?.some((discount) => discount.amount !== 0)) return undefined;
  const clear: ClearTax[] = [];
  for (const tax of taxes ?? []) {
    if (!tax.tax_rate_details) return undefined;
    clear.push({
      amount: tax.amount,
      taxable: tax.taxable_amount ?? amount,
      rate: tax.tax_rate_details.tax_rate,
      exclusive: tax.tax_behavior === 'exclusive',
    });
  }
  return { id, gross: amount + exclusiveOf(clear), taxes: clear };
}

/** @param before what earlier notes took of the line: parts are cut between two marks, so all notes together come out */
function noteLine({ id, gross, taxes }: ClearLine, before: number, share: number): NoteLine {
  const cut = (part: number): number => upTo(part, before + share, gross) - upTo(part, before, gross);
  const parts = taxes.map((tax) => ({ ...tax, amount: cut(tax.amount), taxable: cut(tax.taxable) }));
  return {
    type: 'invoice_line_item',
    invoice_line_item: id,
    amount: share - exclusiveOf(parts),
    ...(parts.length > 0
      ? {
          tax_amounts: parts.map(({ amount, rate, taxable }) => ({
            amount,
            tax_rate: rate,
            taxable_amount: taxable,
          })),
        }
      : {}),
  };
}

function exclusiveOf(taxes: readonly ClearTax[]): number {
  return taxes.reduce((sum, { amount, exclusive }) => (exclusive ? sum + amount : sum), 0);
}

function upTo(part: number, mark: number, whole: number): number {
  return Math.round((part * mark) / whole);
}
