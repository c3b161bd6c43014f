/**
 * Splits an amount (minor units) over weights so that the parts add up exactly: the largest remainder gets the odd unit,
 * the earlier one where two are equal. Weights of zero alone give everything to the first.
 */
export function allocate(amount: number, weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return weights.map((_weight, index) => (index === 0 ? amount : 0));
  // amount × weight leaves the safe integers for sums of money that exist.
  const exact = weights.map((weight) => BigInt(amount) * BigInt(weight));
  const parts = exact.map((product) => Number(product / BigInt(total)));
  const remainders = exact.map((product, index) => ({ index, rest: Number(product % BigInt(total)) }));
  remainders.sort((a, b) => Math.abs(b.rest) - Math.abs(a.rest) || a.index - b.index);
  let missing = amount - parts.reduce((sum, part) => sum + part, 0);
  for (const { index } of remainders) {
    if (missing === 0) break;
    const step = Math.sign(missing);
    parts[index] = (parts[index] ?? 0) + step;
    missing -= step;
  }
  return parts;
}

/** `percent` of an amount in minor units, half away from zero; percentages have at most four decimals. */
export function percentOf(amount: number, percent: number): number {
  const share = (Math.abs(amount) * Math.round(percent * 1e4)) / 1e6;
  return Math.sign(amount) * Math.round(share);
}
