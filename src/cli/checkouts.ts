import {
  checkoutFailures,
  checkoutMonths,
  conversionPercent,
  type ListedSession,
  latestCheckouts,
  OUTCOMES,
  pageOfSessions,
  successPercent,
} from '../billing/checkouts/checkout-figures.ts';
import { DEFINITION, monthInWords, OUTCOME_WORDS, reasonInWords } from '../billing/checkouts/outcome-words.ts';
import { walkAge } from '../billing/checkouts/walk.ts';
import { minute, withDeps } from './on-database.ts';
import type { Terminal } from './terminal.ts';

/** Checkouts from a shell: how many come to their end, and which did not. */

/** A page of `readPage` is read whole. */
const MOST_LISTED = 1_000;
const MOST_MONTHS = 120;

export async function stats(terminal: Terminal, options: { months: string; json: boolean }): Promise<void> {
  const wanted = wholeNumber('--months', options.months, MOST_MONTHS);
  await withDeps(terminal, async ({ db }) => {
    const [counted, latest, listedSecondsAgo] = await Promise.all([
      checkoutMonths(db, wanted),
      latestCheckouts(db),
      walkAge(db),
    ]);
    const failures = await checkoutFailures(
      db,
      counted.map(({ month }) => month),
    );
    const months = counted.map((each) => ({
      ...each,
      success_percent: successPercent(each),
      conversion_percent: conversionPercent(each),
      failures: failures.flatMap(({ month, ...failure }) => (month === each.month ? failure : [])),
    }));
    if (options.json) {
      const told = { definition: DEFINITION, latest, listed_seconds_ago: listedSecondsAgo, months };
      terminal.say(JSON.stringify(told, null, 2));
      return;
    }
    if (months.length === 0) terminal.say('No checkout was opened so far.');
    for (const each of months) {
      terminal.say(monthInWords(each, { success: each.success_percent, conversion: each.conversion_percent }));
      const { pending, abandoned, left_out } = each;
      terminal.say(`  ${pending} open or on their way, ${abandoned} not tried, ${left_out} left out by a rule`);
      for (const { failed, reason, failure_code } of each.failures) {
        terminal.say(`  ${failed} ${reasonInWords(reason, failure_code)}`);
      }
    }
    terminal.say(DEFINITION);
  });
}

export async function list(
  terminal: Terminal,
  options: { outcome?: string; limit: string; json: boolean },
): Promise<void> {
  const outcome = OUTCOMES.find((known) => known === options.outcome);
  if (options.outcome && !outcome) throw new Error(`--outcome must be one of ${OUTCOMES.join(', ')}.`);
  const limit = wholeNumber('--limit', options.limit, MOST_LISTED);
  await withDeps(terminal, async ({ db, timeZone }) => {
    const found = (await pageOfSessions(db, outcome, { limit }))?.rows ?? [];
    if (options.json) terminal.say(JSON.stringify(found, null, 2));
    else if (found.length === 0) terminal.say('There are no such checkouts.');
    else for (const each of found) terminal.say(lineOf(each, timeZone));
  });
}

function lineOf({ id, created, outcome, reason, failure_code, ...paid }: ListedSession, timeZone: string): string {
  const why = reason === null ? [] : [reasonInWords(reason, failure_code)];
  const of = paid.payment_intent ?? paid.subscription;
  return [minute(created, timeZone), id, OUTCOME_WORDS[outcome], ...why, ...(of === null ? [] : [of])].join('  ');
}

function wholeNumber(option: string, text: string, most: number): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1 || number > most) {
    throw new Error(`${option} must be a whole number from 1 to ${most}.`);
  }
  return number;
}
