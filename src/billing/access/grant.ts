/** The use of one feature from one cause. */
export interface Grant {
  readonly feature: string;
  /** Of a feature that is more than yes. */
  readonly value: number | string | null;
  /** The first moment at which it does not hold any more; null: it has no end. */
  readonly until: Date | null;
  /** Until when it is kept beyond its end. */
  readonly graceUntil: Date | null;
  /** Until when it is kept while what follows is on its way: a renewal that is not paid yet, and has not failed. */
  readonly bridgedUntil: Date | null;
}

/** From when on nothing is left of it; null: never. */
export function endOf({ until, graceUntil, bridgedUntil }: Omit<Grant, 'feature' | 'value'>): Date | null {
  return until === null ? null : later(later(until, graceUntil ?? until), bridgedUntil ?? until);
}

/** Null is the latest of all. */
export function later(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return null;
  return one > other ? one : other;
}

/** Of several causes or rules: the most there is. */
export function most(values: readonly Grant['value'][]): Grant['value'] {
  const numbers = values.filter((value) => typeof value === 'number');
  return numbers.length > 0 ? Math.max(...numbers) : (values.find((value) => value !== null) ?? null);
}
