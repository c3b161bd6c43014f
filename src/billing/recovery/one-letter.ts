import { after } from '../../platform/clock.ts';
import type { RecoveryPolicy } from '../policy/recovery.ts';
import type { Ask } from './decline.ts';
import type { LetterKind, LetterPlan } from './next-letter.ts';

/**
 * Several failed invoices of a customer are one letter, pure: it speaks of all that are open. A warning and an end have their
 * own day, and go along only where the letter would keep them waiting.
 */

export interface PlannedLetter {
  readonly case: string;
  readonly plan: LetterPlan;
}

export interface JointLetter {
  readonly at: Date;
  /** Each with its own letter in it, the one that is due first before the others. */
  readonly tells: readonly { readonly case: string; readonly letter: LetterKind; readonly ask: Ask }[];
}

const HOUR = 3_600;

/** @param planned one entry for each case of a customer; @returns undefined when no case has a letter to come */
export function oneLetter(planned: readonly PlannedLetter[], { letters }: RecoveryPolicy): JointLetter | undefined {
  const due = planned
    .flatMap(({ case: id, plan }) => (plan.letter === 'none' ? [] : { case: id, ...plan }))
    .toSorted((a, b) => a.at.getTime() - b.at.getTime());
  const [first] = due;
  if (!first) return undefined;
  const next = after(first.at, letters.hours_between * HOUR);
  const together = due.filter(({ letter, at }) => letter === 'failed' || letter === 'reminder' || at < next);
  return { at: first.at, tells: together.map(({ case: id, letter, ask }) => ({ case: id, letter, ask })) };
}
