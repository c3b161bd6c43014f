/** The languages that we can write in; the first is for everybody else. */
const SPOKEN = ['en'] as const;
export type Locale = (typeof SPOKEN)[number];

/**
 * The language for who asked for one, pure.
 * @param asked BCP 47, e.g. `de-CH`: what is not spoken in a region is looked for without it; null: nobody asked
 */
export function spokenLocale(asked: string | null): Locale {
  const [language] = asked?.toLowerCase().split('-') ?? [];
  return SPOKEN.find((spoken) => spoken === language) ?? SPOKEN[0];
}
