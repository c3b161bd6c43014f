import { decimalsOf } from '../../../platform/money.ts';

/**
 * An amount as people write it, in major units, becomes minor units: exactly, without a float. Both `1,234.50` and
 * `1.234,50` are understood. Where a separator could mean either thing, a person must say which.
 */
export type TypedAmount = { readonly amount: number } | { readonly problem: string };

export function typedAmount(text: string, currency: string): TypedAmount {
  const decimals = decimalsOf(currency);
  const compact = text.replace(/[\s\u00a0\u202f'’]/g, '').replace(/^[−–]/, '-');
  const [, sign, digits] = /^(-?)(\d[\d.,]*)$/.exec(compact) ?? [];
  if (digits === undefined) return { problem: 'must be an amount, e.g. 1234.50' };

  const separators = digits.match(/[.,]/g) ?? [];
  const last = separators.at(-1);
  const repeated = separators.filter((each) => each === last).length > 1;
  const mixed = new Set(separators).size > 1;
  if (repeated && mixed) return { problem: 'must be an amount, e.g. 1234.50' };
  const [before, after] = cutAt(digits, last);
  const single = !repeated && !mixed;

  // `1,234`: thousands, or an amount with three decimals? Only where there are such, or none at all, is it plain.
  const couldBeThousands = single && after.length === 3 && /^[1-9]\d{0,2}$/.test(before);
  if (couldBeThousands && (decimals === 2 || (decimals === 3 && last === ','))) {
    return { problem: `is not clear: write ${before}${after} or ${before}.${after.slice(0, decimals)}` };
  }
  // The same sign again and again parts thousands.
  const isThousands = repeated || (couldBeThousands && decimals === 0);
  const [whole, fraction] = isThousands ? [digits, ''] : [before, after];
  if (!isWhole(whole)) return { problem: 'must be an amount, e.g. 1234.50' };
  if (fraction.length > decimals) return { problem: tooFine(currency, decimals) };
  const amount = Number(whole.replace(/[.,]/g, '') + fraction.padEnd(decimals, '0'));
  if (!Number.isSafeInteger(amount)) return { problem: 'is too large' };
  return { amount: sign && amount !== 0 ? -amount : amount };
}

function cutAt(digits: string, separator: string | undefined): [string, string] {
  if (separator === undefined) return [digits, ''];
  const position = digits.lastIndexOf(separator);
  return [digits.slice(0, position), digits.slice(position + 1)];
}

/** Digits alone, or in groups of three that one kind of separator parts. */
function isWhole(text: string): boolean {
  return /^\d+$/.test(text) || /^\d{1,3}(,\d{3})+$/.test(text) || /^\d{1,3}(\.\d{3})+$/.test(text);
}

function tooFine(currency: string, decimals: number): string {
  const code = currency.toUpperCase();
  return decimals === 0 ? `has no decimals in ${code}` : `has at most ${decimals} decimals in ${code}`;
}
