import { explain } from './complaint.ts';
import { equivalent } from './mutate/equivalent.ts';
import { decisions, guards, namedBy } from './mutate/files.ts';
import { MARKS, percent, scoreOf, type Tally, tally, together } from './mutate/score.ts';
import { installStryker, mutantsOf } from './mutate/stryker.ts';
import { line, phase } from './progress.ts';

/**
 * Whether the tables of the files that decide would notice a mistake: each file is changed in every way that Stryker knows,
 * and only its own table is run on each change. Exit code 1 when a file, or all of them, are below the mark.
 */
const print = (text: string) => process.stdout.write(`${text}\n`);

function row(name: string, counts: { noticed: number; survived: number; equivalent: number }): string {
  const figures = [percent(scoreOf(counts)), counts.noticed, counts.survived, counts.equivalent];
  return `${name.padEnd(48)}${figures.map((figure) => String(figure).padStart(11)).join('')}`;
}

function tell(tallies: readonly Tally[]): void {
  for (const { file, survived } of tallies) {
    for (const { row: at, code, becomes } of survived) print(`${file}:${at}\n  - ${code}\n  + ${becomes}`);
  }
  const heads = ['score', 'noticed', 'survived', 'equivalent'];
  print(`\n${'file'.padEnd(48)}${heads.map((head) => head.padStart(11)).join('')}`);
  for (const each of tallies) print(row(each.file, { ...each, survived: each.survived.length }));
  print(row('together', together(tallies)));
}

async function mutate(words: readonly string[]): Promise<readonly string[]> {
  const files = namedBy(words);
  await phase('Stryker', installStryker);
  const tallies: Tally[] = [];
  const untried: string[] = [];
  for (const file of files) {
    try {
      const mutants = await phase(file, () => mutantsOf(file));
      tallies.push(tally(file, mutants, equivalent, { guards: guards.has(file) }));
    } catch (error) {
      untried.push(explain(error));
    }
  }
  tell(tallies);
  const score = scoreOf(together(tallies));
  const low = files.length === decisions.length && score < MARKS.together;
  return [
    ...untried,
    ...tallies.flatMap(({ faults }) => faults),
    ...(low ? [`Together ${percent(score)}, below ${MARKS.together} %`] : []),
  ];
}

try {
  const faults = await mutate(process.argv.slice(2));
  for (const fault of faults) line(`✗ ${fault}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} catch (error) {
  line(explain(error));
  process.exitCode = 1;
}
