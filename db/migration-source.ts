import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Knex } from 'knex';

const FOLDER = join(import.meta.dirname, 'migrations');

/** Forward only: a mistake is mended by the next migration, and the old version of the service runs while it is applied. */
interface Migration {
  up(knex: Knex): Promise<void>;
  /** A migration that Postgres refuses inside of a transaction says so here; it must bear being run again. */
  readonly config?: { readonly transaction: false };
}

/** The migrations by name without extension, so that the compiled and the source form are the same migration to knex. */
export const migrationSource: Knex.MigrationSource<string> = {
  async getMigrations() {
    return readdirSync(FOLDER)
      .filter((file) => /^\d{4}_\w+\.(js|ts)$/.test(file))
      .map((file) => basename(file).replace(/\.(js|ts)$/, ''))
      .sort();
  },
  getMigrationName: (name) => name,
  async getMigration(name) {
    const extension = import.meta.filename.endsWith('.ts') ? 'ts' : 'js';
    const migration: Migration = await import(join(FOLDER, `${name}.${extension}`));
    const { up, config } = migration;
    return {
      up,
      ...(config ? { config } : {}),
      down: async () => Promise.reject(new Error('Migrations only go forward.')),
    };
  },
};
