import { runProgram } from '../../bin/lib/processes.ts';

/** What the compiled command line says about itself. */

const helps = new Map<string, string>();

export function helpOf(path: readonly string[]): string {
  const known = helps.get(path.join(' '));
  if (known !== undefined) return known;
  const help = runProgram('dist/src/cli/main.js', [...path, '--help'], {});
  helps.set(path.join(' '), help);
  return help;
}

export function subcommandsOf(path: readonly string[]): string[] {
  const [, below = ''] = helpOf(path).split('\nCommands:\n');
  return [...below.matchAll(/^ {2}([a-z-]+)/gm)].map((match) => String(match[1])).filter((name) => name !== 'help');
}
