import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { releaseAfterFile } from './clean-up.ts';
import { databaseNamed, settingOf } from './run.ts';

export type TestDatabase = { url: string; drop(): Promise<void> };

/** A database of its own, cloned from the migrated template in milliseconds. It goes after the test file at the latest. */
export async function freshDatabase(): Promise<TestDatabase> {
  const template = settingOf('TEST_TEMPLATE');
  const name = template.replace(/template$/, `${process.pid}_${randomBytes(4).toString('hex')}`);
  // Clones may be made side by side, as long as nobody is connected to the template.
  await asAdmin(async (admin) => void (await admin.query(`create database "${name}" template "${template}"`)));
  const drop = () =>
    asAdmin(async (admin) => void (await admin.query(`drop database if exists "${name}" with (force)`)));
  releaseAfterFile(drop);
  return { url: databaseNamed(name), drop };
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
