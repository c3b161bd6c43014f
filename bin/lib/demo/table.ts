/** Columns as wide as their widest cell, for a terminal; the first holds numbers or names, flush right if asked. */
export function table(heads: string[], rows: string[][], flushRight = true): string {
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => (row[column] ?? '').length)));
  return [heads, ...rows]
    .map((row) =>
      row.map((cell, column) =>
        column === 0 && flushRight ? cell.padStart(widths[0] ?? 0) : cell.padEnd(widths[column] ?? 0),
      ),
    )
    .map((cells) => `  ${cells.join('  ')}`.trimEnd())
    .join('\n');
}

/** Minor units as people write them: 14900 eur is 149.00 EUR, 14900 jpy is 14900 JPY. */
export function money(amount: number, currency: string): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay: 'code' });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return `${(amount / 10 ** digits).toFixed(digits)} ${currency.toUpperCase()}`;
}
