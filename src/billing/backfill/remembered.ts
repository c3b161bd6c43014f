/**
 * A payment is met several times in a run: in lists, in events, in our own tables. What was done with it is remembered, for the
 * last of them; a bound for the memory. Whoever is forgotten is looked at once more, which changes nothing.
 */
const MOST = 200_000;

export interface Remembered {
  has(name: string): boolean;
  add(name: string): void;
}

export function remembered(most = MOST): Remembered {
  const names = new Set<string>();
  return {
    has: (name) => names.has(name),
    add(name) {
      names.add(name);
      const [oldest] = names;
      if (names.size > most && oldest !== undefined) names.delete(oldest);
    },
  };
}
