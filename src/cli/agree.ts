import { createInterface } from 'node:readline/promises';
import { SingleBar } from 'cli-progress';
import { type AgreedOn, type Agreeing, agreeOverAll, countRecords, namesOf, tellOlder } from '../billing/agree.ts';
import type { Agreement } from '../billing/agreement/bring-into-agreement.ts';
import { openDeps } from '../billing/open-deps.ts';
import { businessTimeZone, loadConfig } from '../platform/config.ts';
import type { Db } from '../platform/db.ts';
import { parseDay } from './days.ts';
import { operator } from './on-database.ts';
import type { Terminal } from './terminal.ts';

interface AgreeOptions {
  readonly dependent: string;
  readonly since?: string;
  readonly tell: boolean;
  readonly yes: boolean;
  readonly reason: string;
}

const FAILURES_SHOWN = 20;

/** Brings what is derived from records into agreement with them, all over again. @returns the exit code */
export async function agree(terminal: Terminal, options: AgreeOptions): Promise<number> {
  const since = options.since === undefined ? new Date(0) : parseDay(options.since, businessTimeZone(terminal.env));
  const config = loadConfig(terminal.env);
  const opened = openDeps({ ...config, LOG_LEVEL: 'error' }, { name: 'cli', connections: 2 });
  const { agreement, deps } = opened;
  try {
    const known = namesOf(agreement);
    if (!known.includes(options.dependent)) {
      throw new Error(`--dependent must be one of ${known.join(', ')}, not ${options.dependent}.`);
    }
    const wanted = { dependent: options.dependent, since };
    if (!options.tell)
      return report(
        terminal,
        await goThrough(deps.db, agreement, { ...wanted, telling: 'nothing' }, terminal),
        'nobody was told',
      );
    return await tell(deps.db, agreement, wanted, options, terminal);
  } finally {
    await opened.close();
  }
}

/** Messages can't be called back: how many they are is shown before the first is queued. */
async function tell(
  db: Db,
  agreement: Agreement,
  wanted: Pick<Agreeing, 'dependent' | 'since'>,
  { dependent, yes, reason }: AgreeOptions,
  terminal: Terminal,
): Promise<number> {
  const would = await goThrough(db, agreement, { ...wanted, telling: 'count' }, terminal);
  terminal.say(
    `${dependent} would queue ${would.messages} messages about ${would.records} records; what was queued before is not queued again.`,
  );
  if (would.messages === 0) return report(terminal, would, 'there is nothing to tell');
  if (!yes && !(await confirmed(`Queue ${would.messages} messages? Type yes: `, terminal))) {
    terminal.say('Nothing was queued. Give --yes to queue them.');
    return 1;
  }
  const by = { actor: operator(), reason, messages: would.messages };
  const records = await countRecords(db, agreement, wanted);
  const end = await watched(tellOlder(db, agreement, wanted, by), { records, doing: 'done' }, terminal);
  return report(terminal, end, `${end.messages} messages are queued`);
}

async function goThrough(db: Db, agreement: Agreement, wanted: Agreeing, terminal: Terminal): Promise<AgreedOn> {
  const doing = wanted.telling === 'count' ? 'counted' : 'done';
  const records = await countRecords(db, agreement, wanted);
  return watched(agreeOverAll(db, agreement, wanted), { records, doing }, terminal);
}

async function watched(
  going: AsyncGenerator<AgreedOn>,
  { records, doing }: { readonly records: number; readonly doing: string },
  { stderr }: Terminal,
): Promise<AgreedOn> {
  const bar = new SingleBar({
    stream: stderr,
    format: `[{bar}] {value} of {total} records ${doing}`,
    noTTYOutput: true,
    notTTYSchedule: 5_000,
    hideCursor: true,
  });
  bar.start(records, 0);
  let end: AgreedOn = { records: 0, messages: 0, failed: [] };
  for await (end of going) bar.update(end.records);
  bar.stop();
  return end;
}

function report({ say }: Terminal, { records, failed }: AgreedOn, end: string): number {
  say(`${records - failed.length} of ${records} records are in agreement; ${end}.`);
  for (const failure of failed.slice(0, FAILURES_SHOWN)) say(`  ${failure}`);
  if (failed.length > FAILURES_SHOWN) say(`  … and ${failed.length - FAILURES_SHOWN} more`);
  return failed.length === 0 ? 0 : 1;
}

async function confirmed(question: string, { stdin, stderr }: Terminal): Promise<boolean> {
  if (!stdin.isTTY) return false;
  const asking = createInterface({ input: stdin, output: stderr });
  try {
    return (await asking.question(question)).trim() === 'yes';
  } finally {
    asking.close();
  }
}
