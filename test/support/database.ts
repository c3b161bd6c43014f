import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { releaseAfterFile } from './clean-up.ts';
import { databaseNamed, settingOf } from './run.ts';

export type TestDatabase = { url: string; drop(): Promise<void> };

/** A database of its own, cloned from the migrated template in milliseconds. It goes after the test file at the latest. */
export async function freshDatabase(): Promise<TestDatabase> {
  const template = settingOf('TEST_TEMPLATE');
  const name = template.replace(/template$/, `${process.pid}_${randomBytes(4).toString('hex')}`);
  // Clones may be made side by side, as long as nobody is connected to the template.
  await asAdmin(async (admin) => {
    await admin.query(`create database "${name}" template "${template}" strategy ${await strategyOn(admin)}`);
  });
  const drop = () =>
    asAdmin(async (admin) => {
      await untilLeft(admin, name);
      await admin.query(`drop database if exists "${name}" with (force)`);
    });
  releaseAfterFile(drop);
  return { url: databaseNamed(name), drop };
}

/**
 * Files are copied in a third of the time that it takes to log every page of them, but with a checkpoint before and after:
 * nothing on a server without fsync, as ours is, and much on one that was given to us.
 */
async function strategyOn(admin: pg.Client): Promise<'file_copy' | 'wal_log'> {
  const { rows } = await admin.query<{ fsync: string }>('show fsync');
  return rows[0]?.fsync === 'off' ? 'file_copy' : 'wal_log';
}

/**
 * A pool that has ended may still be taking its leave, and an error that Postgres then tells it has nobody to hear it. Who
 * stays longer than a second is thrown out.
 */
async function untilLeft(admin: pg.Client, name: string): Promise<void> {
  for (let look = 0; look < 50; look += 1) {
    const { rows } = await admin.query('select from pg_stat_activity where datname = $1', [name]);
    if (rows.length === 0) return;
    await sleep(20);
  }
}

async function asAdmin(work: (admin: pg.Client) => Promise<void>): Promise<void> {
  const admin = new pg.Client({ connectionString: settingOf('TEST_DATABASE_URL') });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}
