import { userInfo } from 'node:os';
import type { Deps } from '../billing/deps/deps.ts';
import { openDeps } from '../billing/open-deps.ts';
import { minuteIn, zoneNameAt } from '../platform/business-day.ts';
import { businessTimeZone, databaseUrl, loadConfig } from '../platform/config.ts';
import { connect, type Db } from '../platform/db.ts';
import type { Terminal } from './terminal.ts';

/** For commands that need the database alone: opens it, and closes it whatever happens. */
export async function onDatabase({ env }: Terminal, work: (db: Db, timeZone: string) => Promise<void>): Promise<void> {
  const timeZone = businessTimeZone(env);
  const db = connect(databaseUrl(env), { name: 'cli', connections: 2 });
  try {
    await work(db, timeZone);
  } finally {
    await db.destroy();
  }
}

/** For commands that need the whole configuration: use cases that ask Stripe, or links. */
export async function withDeps({ env }: Terminal, work: (deps: Deps) => Promise<void>): Promise<void> {
  const { deps, close } = openDeps({ ...loadConfig(env), LOG_LEVEL: 'error' }, { name: 'cli', connections: 4 });
  try {
    await work(deps);
  } finally {
    await close();
  }
}

/** Who gives commands, for the audit log. */
export function operator(): string {
  return `cli:${userInfo().username}`;
}

/** `a, b,,c` → a, b and c */
export function listOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** To the minute, where the business is: `2026-12-31 09:05 CET`. */
export function minute(time: Date, timeZone: string): string {
  return `${minuteIn(timeZone, time)} ${zoneNameAt(timeZone, time)}`;
}
