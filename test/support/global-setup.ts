import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { buildWhenStale } from '../../bin/lib/build.ts';
import { checkout } from '../../bin/lib/checkout.ts';
import { givenServices, startServices } from '../../bin/lib/private-services.ts';
import { runProgram } from '../../bin/lib/processes.ts';
import { line } from '../../bin/lib/progress.ts';
import { createRun, endAbandonedTestRuns, endRun, openRun, type Run } from '../../bin/lib/runs.ts';
import { databaseNamed } from './run.ts';

/**
 * What all tests share: a compiled dist/, a Postgres and a Redis (those of bin/test, else private ones of this run), and
 * a migrated template database that each test clones. Returns what ends it.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const { run, end } = await openOrCreateRun();
  try {
    const build = await buildWhenStale();
    if (build === 'built with errors') line('! dist/ was built with errors (npm run build shows them)');
    process.env.TEST_TEMPLATE = await migrateTemplate(run);
  } catch (error) {
    await end();
    throw error;
  }
  return async () => {
    await dropDatabases(run);
    await end();
  };
}

async function openOrCreateRun(): Promise<{ run: Run; end: () => Promise<void> }> {
  const { TEST_RUN, TEST_DATABASE_URL, TEST_REDIS_URL } = process.env;
  if (TEST_RUN && TEST_DATABASE_URL && TEST_REDIS_URL) return { run: openRun(TEST_RUN), end: async () => {} };
  await endAbandonedTestRuns();
  const run = createRun('test');
  const end = async () => {
    await endRun(run);
  };
  try {
    const given = givenServices();
    const services = await startServices(run, {
      durable: false,
      given: { databaseUrl: TEST_DATABASE_URL || given.databaseUrl, redisUrl: TEST_REDIS_URL || given.redisUrl },
    });
    process.env.TEST_RUN = run.folder;
    process.env.TEST_DATABASE_URL = services.databaseUrl;
    process.env.TEST_REDIS_URL = services.redisUrl;
    return { run, end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function migrateTemplate(run: Run): Promise<string> {
  const template = `${prefixOf(run)}_template`;
  await asAdmin(async (admin) => {
    await admin.query(`drop database if exists "${template}" with (force)`);
    await admin.query(`create database "${template}"`);
  });
  if (existsSync(join(checkout, 'dist/db/migrate.js'))) {
    runProgram('dist/db/migrate.js', [], { DATABASE_URL: databaseNamed(template) });
  } else {
    line('! There is no dist/db/migrate.js: the tests get an empty database');
  }
  return template;
}

/** Of use on a Postgres that was given to us; a private one goes as a whole. */
async function dropDatabases(run: Run): Promise<void> {
  await asAdmin(async (admin) => {
    const found = await admin.query('select datname from pg_database where starts_with(datname, $1)', [prefixOf(run)]);
    for (const { datname } of found.rows) await admin.query(`drop database if exists "${datname}" with (force)`);
  });
}

/** Distinct per run, so that two runs can share one Postgres. */
function prefixOf(run: Run): string {
  return `quittance_${run.folder.split('/').pop()?.replaceAll('-', '_')}`;
}

async function asAdmin(work: (admin: pg.Client) => Promise<void>): Promise<void> {
  const admin = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}
