import { bug } from '../../platform/errors.ts';
import { endOf, type Grant, most } from './grant.ts';

/** A grant, and where it comes from. */
export interface CausedGrant extends Grant {
  /** e.g. payment:pi_… */
  readonly cause: string;
  /** Where a test clock stops the time of its cause: the moment there. Null: it goes by the time of everybody. */
  readonly frozenAt: Date | null;
}

/** What is told of a feature that may be used; moments are ISO 8601 in UTC. */
export interface Feature {
  readonly allowed: true;
  readonly until: string | null;
  /** The cause that gives it for the longest time. */
  readonly cause: string;
  readonly grace_until: string | null;
  readonly value: Grant['value'];
}

export type Features = Readonly<Record<string, Feature>>;

export interface AccessState {
  /** By name, in order. */
  readonly features: Features;
  /** When it changes by time alone; null: never. What a test clock has stopped changes when that is moved, and is told of then. */
  readonly changesAt: Date | null;
  /** The moment at which it is judged: that of the test clock that all of it is on, else the time of everybody. */
  readonly asOf: Date;
  /** Whether any of it is judged by a test clock. */
  readonly onTestClock: boolean;
}

/**
 * What somebody may use at a moment, from all that he was given, pure. The longest counts of what several causes give. Each grant is
 * judged in the time of its own cause.
 */
export function stateOf(grants: readonly CausedGrant[], now: Date): AccessState {
  const live = grants.filter((grant) => isLive(grant, now));
  const byFeature = [...Map.groupBy(live, ({ feature }) => feature)].sort(([one], [other]) => (one < other ? -1 : 1));
  const ends = live
    .filter(({ frozenAt }) => frozenAt === null)
    .flatMap((grant) => [grant.until, grant.bridgedUntil, endOf(grant)])
    .flatMap((end) => (end && end > now ? [end] : []));
  return {
    features: Object.fromEntries(byFeature.map(([feature, each]) => [feature, featureOf(each, now)])),
    changesAt: ends.length === 0 ? null : new Date(Math.min(...ends.map((end) => end.getTime()))),
    asOf: asOf(grants, now),
    onTestClock: grants.some(({ frozenAt }) => frozenAt !== null),
  };
}

function asOf([first, ...others]: readonly CausedGrant[], now: Date): Date {
  const moment = first?.frozenAt ?? null;
  return moment !== null && others.every(({ frozenAt }) => frozenAt?.getTime() === moment.getTime()) ? moment : now;
}

function isLive(grant: CausedGrant, now: Date): boolean {
  const end = endOf(grant);
  return end === null || end > (grant.frozenAt ?? now);
}

function featureOf(grants: readonly CausedGrant[], now: Date): Feature {
  const sorted = [...grants].sort(longestFirst);
  const longest = sorted[0] ?? bug('a feature is told of that nothing grants');
  return {
    allowed: true,
    until: untilOf(longest, now)?.toISOString() ?? null,
    cause: longest.cause,
    grace_until: longest.graceUntil?.toISOString() ?? null,
    value: most(sorted.map(({ value }) => value)),
  };
}

/** What is bridged over goes on for the time being; what is kept in grace has ended. */
function untilOf({ until, bridgedUntil, frozenAt }: CausedGrant, everybodys: Date): Date | null {
  const now = frozenAt ?? everybodys;
  return until !== null && until <= now && bridgedUntil !== null && bridgedUntil > now ? bridgedUntil : until;
}

function longestFirst(one: CausedGrant, other: CausedGrant): number {
  const order = momentOf(other.until) - momentOf(one.until) || momentOf(endOf(other)) - momentOf(endOf(one));
  return order || (one.cause < other.cause ? -1 : 1);
}

/** Subtracted from each other, two that never end are the same. */
function momentOf(until: Date | null): number {
  return until?.getTime() ?? Number.MAX_SAFE_INTEGER;
}
