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
  // The sort is stable: of equal remainders the first gets its part.
  remainders.sort((a, b) => Number(b.remainder - a.remainder));
  let missing = amount - parts.reduce((sum, part) => sum + part, 0);
  for (const { position } of remainders) {
    if (missing === 0) break;
    parts[position] = (parts[position] ?? 0) + 1;
    missing -= 1;
  }
  return parts;
}
