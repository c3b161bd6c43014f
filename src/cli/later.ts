import { printable } from '../platform/text.ts';
import type { Terminal } from './terminal.ts';

/** A command may answer with an exit code. */
export type Run<Words extends unknown[]> = (terminal: Terminal, ...words: Words) => Promise<unknown>;

/** A command's code is loaded when the command is given: --help, and a mistyped word, need not wait for it. */
export type Later = <Words extends unknown[]>(load: () => Promise<Run<Words>>) => (...words: Words) => Promise<void>;

const LONGEST_REASON = 500;

/** The option of all that leaves a row in the audit log. */
export const why = ['--reason <text>', 'why; it is kept in the audit log', reason] as const;

/** The same rule as for a reason that comes over /v1. */
function reason(text: string): string {
  const said = printable(text).trim();
  if (said === '') throw new Error('--reason must say why.');
  if (said.length > LONGEST_REASON) throw new Error(`--reason may have ${LONGEST_REASON} characters.`);
  return said;
}
