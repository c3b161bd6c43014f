import knex from 'knex';
import { messageOf } from '../src/platform/log.ts';
import knexfile from './knexfile.ts';

/**
 * `npm run migrate`: brings the database to the newest schema. Several processes may call it at once: an advisory lock
 * lets one after the other through, and is gone with its connection if the process dies. knex's own lock row would stay
 * behind after a crash, so it is cleared first, by the only process that can be migrating.
 */
const MIGRATION_LOCK = 7_103_551;

const url = process.env.DATABASE_URL;
if (!url) {
  process.stderr.write('DATABASE_URL is required, for example postgres://user:password@localhost:5432/quittance\n');
  process.exit(2);
}

const db = knex({ ...knexfile, connection: url, pool: { min: 0, max: 2 } });
const lock = knex({ client: 'pg', connection: url, pool: { min: 0, max: 1 } });
try {
  await lock.raw('SELECT pg_advisory_lock(?)', [MIGRATION_LOCK]);
  await db.migrate.forceFreeMigrationsLock();
  const [, applied]: [number, string[]] = await db.migrate.latest();
  for (const name of applied) process.stdout.write(`applied ${name}\n`);
  process.stdout.write(
    applied.length === 0 ? 'The schema is up to date.\n' : `${applied.length} migrations applied.\n`,
  );
} catch (error) {
  process.stderr.write(`The migration failed: ${messageOf(error)}\n`);
  process.exitCode = 1;
} finally {
  await lock.destroy();
  await db.destroy();
}
