/** Progress goes to standard error, so that standard output holds only results (URLs, the closing count). */
export type Say = (what: string) => void;

/** Says that a phase has begun, runs it, and says how long it took. `work` may add a detail, or return the last word. */
export async function phase<T>(
  title: string,
  work: (say: Say) => Promise<T>,
  detail?: (result: T) => string,
): Promise<T> {
  const began = performance.now();
  line(`▸ ${title}`);
  try {
    const result = await work((what) => line(`  ${title}: ${what}`));
    const extra = detail?.(result);
    line(`✓ ${title}${extra ? `: ${extra}` : ''} (${seconds(began)})`);
    return result;
  } catch (error) {
    line(`✗ ${title} (${seconds(began)})`);
    throw error;
  }
}

export function line(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Seconds since `began` (a `performance.now()`), as `1.2 s`. */
export function seconds(began: number): string {
  return `${((performance.now() - began) / 1000).toFixed(1)} s`;
}
