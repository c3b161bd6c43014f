import type { Told } from '../../billing/told.ts';

const STATUS: Readonly<Record<Told['kind'], number>> = { invalid: 422, missing: 404, refused: 409, away: 503 };

/** The HTTP status of what an error says, on pages and in `/v1` alike. */
export function statusOf({ kind }: Told): number {
  return STATUS[kind];
}
