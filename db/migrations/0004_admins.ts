import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE admin_users (
      id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      name          text NOT NULL CONSTRAINT admin_users_name_once UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9._@-]{0,63}$'),
      password      text NOT NULL,
      role          text NOT NULL DEFAULT 'operator' CONSTRAINT admin_users_role CHECK (role IN ('viewer', 'operator')),
      created_at    timestamptz NOT NULL DEFAULT now(),
      disabled_at   timestamptz
    );
    COMMENT ON TABLE admin_users IS 'Who may sign in to the console. A viewer reads, an operator also changes.';
    COMMENT ON COLUMN admin_users.password IS 'scrypt$N$r$p$salt$hash, salt and hash in base64.';

    CREATE TABLE admin_sessions (
      token_hash text PRIMARY KEY,
      admin_id   bigint NOT NULL REFERENCES admin_users (id) ON DELETE CASCADE,
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL
    );
    COMMENT ON TABLE admin_sessions IS 'Signed-in browsers. Only the SHA-256 of the cookie is kept.';
    CREATE INDEX admin_sessions_expiry ON admin_sessions (expires_at);

    CREATE TABLE audit_log (
      id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      at      timestamptz NOT NULL DEFAULT now(),
      actor   text NOT NULL,
      action  text NOT NULL,
      subject text NOT NULL,
      reason  text,
      details jsonb NOT NULL DEFAULT '{}'
    );
    COMMENT ON TABLE audit_log IS 'Every change that a person made: who, what, to which object, why.';
    CREATE INDEX audit_log_of_subject ON audit_log (subject);
  `);
}
