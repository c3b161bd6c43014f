import type { Equivalent } from './equivalent.ts';

/** What came of the changes to one file, pure. */
export type Fate = 'noticed' | 'survived';

export interface Mutant {
  readonly file: string;
  /** From 1. */
  readonly row: number;
  readonly line: string;
  readonly code: string;
  readonly becomes: string;
  /** Stryker's name of the kind of change. */
  readonly kind: string;
  readonly fate: Fate;
}

export interface Tally {
  readonly file: string;
  readonly noticed: number;
  readonly survived: readonly Mutant[];
  readonly equivalent: number;
  /** Why the file is not good enough, in sentences. */
  readonly faults: readonly string[];
}

/** Percent of the changes that a test notices. */
export const MARKS = { file: 90, together: 95 };
const EQUIVALENT_SHARE = 0.02;

const CONDITIONS = new Set(['ConditionalExpression', 'EqualityOperator', 'LogicalOperator']);

export function tally(
  file: string,
  mutants: readonly Mutant[],
  listed: readonly Equivalent[],
  { guards }: { guards: boolean },
): Tally {
  const its = listed.filter((entry) => entry.file === file);
  const unnoticed = mutants.filter(({ fate }) => fate === 'survived');
  const survived = unnoticed.filter((mutant) => !its.some((entry) => speaksOf(entry, mutant)));
  const noticed = mutants.length - unnoticed.length;
  const equivalent = unnoticed.length - survived.length;
  const counts = { noticed, survived: survived.length };
  const conditions = survived.filter(({ kind }) => CONDITIONS.has(kind));
  return {
    file,
    noticed,
    survived,
    equivalent,
    faults: [
      ...(scoreOf(counts) < MARKS.file ? [`${file}: ${percent(scoreOf(counts))}, below ${MARKS.file} %`] : []),
      ...(guards && conditions.length > 0 ? [`${file} guards money: ${conditions.length} conditions have no row`] : []),
      ...(equivalent > mutants.length * EQUIVALENT_SHARE
        ? [`${file}: ${equivalent} of ${mutants.length} changes are listed as equivalent, more than 2 %`]
        : []),
      ...its
        .filter((entry) => !unnoticed.some((mutant) => speaksOf(entry, mutant)))
        .map(({ code, becomes }) => `${file}: listed as equivalent, but noticed or gone: ${code} → ${becomes}`),
    ],
  };
}

function speaksOf(entry: Equivalent, { line, code, becomes }: Mutant): boolean {
  return entry.line === line && entry.code === code && entry.becomes === becomes;
}

/** Of files that were all changed. */
export function together(tallies: readonly Tally[]): { noticed: number; survived: number; equivalent: number } {
  return tallies.reduce(
    (sum, { noticed, survived, equivalent }) => ({
      noticed: sum.noticed + noticed,
      survived: sum.survived + survived.length,
      equivalent: sum.equivalent + equivalent,
    }),
    { noticed: 0, survived: 0, equivalent: 0 },
  );
}

/** 0 to 100. Nothing to change is nothing to notice. */
export function scoreOf({ noticed, survived }: { noticed: number; survived: number }): number {
  return noticed + survived === 0 ? 100 : (noticed / (noticed + survived)) * 100;
}

/** Cut, not rounded: 94.96 must not read as 95. */
export function percent(score: number): string {
  return `${(Math.floor(score * 10) / 10).toFixed(1)} %`;
}
