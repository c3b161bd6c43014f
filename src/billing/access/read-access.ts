import { type Db, rows } from '../../platform/db.ts';
import { bug } from '../../platform/errors.ts';
import { type AccessState, type CausedGrant, stateOf } from './access-state.ts';

/** What somebody may use, as the application asks for it. */
export interface Access extends AccessState {
  readonly reference: string;
  /** Grows with each change; 0 for whom nothing was ever given to. */
  readonly version: number;
  /** Postgres's time. */
  readonly now: Date;
  /** Whether it has changed by time, and the version has not grown yet. */
  readonly isAhead: boolean;
}

interface ReadRow {
  readonly asked: string;
  readonly now: Date;
  readonly version: number | null;
  readonly is_ahead: boolean | null;
  readonly cause: string | null;
  readonly feature: string | null;
  readonly value: CausedGrant['value'];
  readonly until: Date | null;
  readonly grace_until: Date | null;
  readonly bridged_until: Date | null;
  readonly frozen_at: Date | null;
}

/**
 * One indexed query, in the order that was asked for. What has run out is never told as allowed, whether or not somebody has
 * noticed.
 */
export async function readAccess(db: Db, references: readonly string[]): Promise<Access[]> {
  const found = await rows<ReadRow>(
    db,
    `SELECT asked, now() AS now, version, changes_at <= now() AS is_ahead,
            cause, feature, value, until, grace_until, bridged_until, frozen_at
     FROM unnest(:references::text[]) asked
     LEFT JOIN access_states ON access_states.reference = asked
     LEFT JOIN access_grants ON access_grants.reference = asked AND ended_at IS NULL`,
    { references: [...references] },
  );
  const byReference = Map.groupBy(found, ({ asked }) => asked);
  return references.map((reference) => accessOf(reference, byReference.get(reference) ?? []));
}

function accessOf(reference: string, found: readonly ReadRow[]): Access {
  const [first] = found;
  const now = first?.now ?? bug('Postgres does not answer for each reference');
  const grants = found.flatMap(({ cause, feature, value, until, grace_until, bridged_until, frozen_at }) =>
    cause !== null && feature !== null
      ? [{ cause, feature, value, until, graceUntil: grace_until, bridgedUntil: bridged_until, frozenAt: frozen_at }]
      : [],
  );
  return { reference, version: first?.version ?? 0, now, isAhead: first?.is_ahead ?? false, ...stateOf(grants, now) };
}

export interface Holds {
  /** For certain; `null`: without an end. */
  readonly seconds: number | null;
  /** A test clock may move at any moment: then the version is another one. */
  readonly on_test_clock: boolean;
}

/**
 * For who knows a version already: only that it still holds is looked for.
 * @returns undefined when it holds no more
 */
export async function stillHolds(db: Db, reference: string, version: number): Promise<Holds | undefined> {
  const [row] = await rows<Holds>(
    db,
    `SELECT floor(extract(epoch FROM changes_at - now()))::integer AS seconds, on_test_clock FROM access_states
     WHERE reference = :reference AND version = :version AND (changes_at > now() OR changes_at IS NULL)`,
    { reference, version },
  );
  return row;
}
