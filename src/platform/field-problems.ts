import type { z } from 'zod';
import { cut, printableLine } from './text.ts';

/**
 * What is wrong with an input, field by field, as it is told to whoever sent it. A sender chooses how many fields are wrong
 * and how long their names are: neither makes what is told grow, nor the work of telling it.
 */
export interface FieldProblem {
  /** e.g. `lines.0.unit_amount`, or `body` for the input as a whole */
  readonly field: string;
  readonly message: string;
}

export const MOST_PROBLEMS = 20;
export const LONGEST_FIELD = 100;
const LONGEST_MESSAGE = 300;

/** The first twenty, with names and messages of bounded length. */
export function toldProblems(problems: readonly FieldProblem[]): readonly FieldProblem[] {
  return problems
    .slice(0, MOST_PROBLEMS)
    .map(({ field, message }) => ({ field: told(field, LONGEST_FIELD), message: told(message, LONGEST_MESSAGE) }));
}

/** JSON writes six characters for one that can't be seen. */
function told(text: string, most: number): string {
  return printableLine(cut(text, most)) || '(a name that can’t be seen)';
}

/** The issues of a schema. @param unknown what is said of a field that the schema does not know */
export function problemsOfIssues(issues: readonly z.core.$ZodIssue[], unknown: string): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  for (const issue of issues) {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
    for (const key of keys) {
      if (problems.length === MOST_PROBLEMS) return problems;
      const message = key === undefined ? issue.message : unknown;
      problems.push({ field: fieldAt(key === undefined ? issue.path : [...issue.path, key]), message });
    }
  }
  return problems;
}

/** `lines.0.unit_amount` for the way from the input to a value in it. */
export function fieldAt(path: readonly PropertyKey[]): string {
  return path.map((part) => cut(String(part), LONGEST_FIELD)).join('.') || 'body';
}
