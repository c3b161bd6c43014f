import type { Knex } from 'knex';
import { migrationSource } from './migration-source.ts';

export const MIGRATIONS_TABLE = 'schema_migrations';

/** For the knex command line: `DATABASE_URL=… npx knex --knexfile dist/db/knexfile.js migrate:latest`. */
const config: Knex.Config = {
  client: 'pg',
  connection: process.env.DATABASE_URL ?? '',
  migrations: { migrationSource, tableName: MIGRATIONS_TABLE },
};

export default config;
