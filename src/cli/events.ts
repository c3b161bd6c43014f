import { SingleBar } from 'cli-progress';
import { countOfType, reopenType } from '../billing/reopen-type.ts';
import { businessTimeZone } from '../platform/config.ts';
import { parseDay } from './days.ts';
import { onDatabase, operator } from './on-database.ts';
import type { Terminal } from './terminal.ts';

interface ReopenOptions {
  readonly type: string;
  readonly since?: string;
  readonly reason: string;
  readonly dryRun: boolean;
}

export async function reopenEvents(terminal: Terminal, { type, since, reason, dryRun }: ReopenOptions): Promise<void> {
  const from = since === undefined ? new Date(0) : parseDay(since, businessTimeZone(terminal.env));
  const when = since === undefined ? '' : ` since ${since}`;
  await onDatabase(terminal, async (db) => {
    const events = await countOfType(db, type, from);
    const found = `${events} events of type ${type}${when} ended as ignored because nobody listened to them.`;
    terminal.say(events > 0 && dryRun ? `${found} They would be reopened.` : found);
    if (events === 0 || dryRun) return;
    const bar = progress(terminal, events);
    let reopened = 0;
    for await (reopened of reopenType(db, type, from, { actor: operator(), reason })) bar.update(reopened);
    bar.stop();
    terminal.say(`${reopened} events are reopened. The workers take them up within a minute, 500 at a time.`);
  });
}

function progress({ stderr }: Terminal, total: number): SingleBar {
  const bar = new SingleBar({
    stream: stderr,
    format: '[{bar}] {value} of {total} reopened',
    noTTYOutput: true,
    notTTYSchedule: 5_000,
    hideCursor: true,
  });
  bar.start(total, 0);
  return bar;
}
