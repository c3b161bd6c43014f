import type { Readable, Writable } from 'node:stream';
import { printable } from '../platform/text.ts';

/** What a command is given and whom it speaks to, so that it can be run inside another process, too. */
export interface Terminal {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** A result: one line on standard output, in which nothing that somebody else has typed commands the terminal. */
  say(line: string): void;
}

export function terminal(streams: Omit<Terminal, 'say'>): Terminal {
  return { ...streams, say: (line) => void streams.stdout.write(`${printable(line)}\n`) };
}
