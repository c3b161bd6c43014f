import { openRun, type Run } from '../../bin/lib/runs.ts';

/** The run that this test belongs to: what it starts is noted there, and ends with it. */
export function testRun(): Run {
  return openRun(settingOf('TEST_RUN'));
}

/** A setting that the global setup makes for every test. */
export function settingOf(name: 'TEST_RUN' | 'TEST_DATABASE_URL' | 'TEST_REDIS_URL' | 'TEST_TEMPLATE'): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run this through vitest, whose global setup starts the stores`);
  return value;
}

/** The URL of a database on the server of this run. */
export function databaseNamed(name: string): string {
  const url = new URL(settingOf('TEST_DATABASE_URL'));
  url.pathname = `/${name}`;
  return url.href;
}

let started = 0;

/** A name that is unique in the run, for logs, databases and the like. */
export function uniqueName(prefix: string): string {
  started++;
  return `${prefix}-${process.pid}-${started}`;
}
