import { z } from 'zod';
import { followCheckout } from '../../billing/access/follow-checkout.ts';
import { type Access, readAccess, stillHolds } from '../../billing/access/read-access.ts';
import { asReference, LONGEST_REFERENCE } from '../../billing/access/reference.ts';
import { signAccess } from '../../billing/access/sign-access.ts';
import { featureName } from '../../billing/policy/access.ts';
import { bug } from '../../platform/errors.ts';
import { accessAnswer, accessList, accessToken } from './answers.ts';
import { ApiError } from './api-error.ts';
import { type Endpoint, querying, reading, revalidating } from './endpoint.ts';
import { inQuery } from './problem-errors.ts';
import { referenceId } from './reference-id.ts';

/** What somebody may use, for the application that asks before it lets him. docs/access.md describes it in words. */

/** Seconds that an answer may be used without asking, and while nobody answers: never beyond its next change by time. */
const FRESH_SECONDS = 30;
const STALE_SECONDS = 86_400;
const LONGEST_WAIT_SECONDS = 10;
const MOST_AT_ONCE = 100;

const TOO_LONG = `may have ${LONGEST_REFERENCE} characters`;
const reference = z
  .string('must be a text')
  .transform((text) => asReference(text))
  .pipe(z.string(`must have 1 to ${LONGEST_REFERENCE} characters`).max(LONGEST_REFERENCE, TOO_LONG));

const wanted = z.strictObject({
  session: z
    .string('must be given once')
    .regex(/^cs_[A-Za-z0-9_]{1,200}$/, 'must be the id of a checkout session: cs_…')
    .optional()
    .meta({
      description:
        'The checkout that he comes back from: Stripe is asked about it, and what was bought counts at once.',
    }),
  wait: z.coerce
    .number(`must be 0 to ${LONGEST_WAIT_SECONDS}`)
    .min(0, `must be 0 to ${LONGEST_WAIT_SECONDS}`)
    .max(LONGEST_WAIT_SECONDS, `must be 0 to ${LONGEST_WAIT_SECONDS}`)
    .default(5)
    .meta({ description: 'With `session`: how many seconds to wait for it.' }),
});

const query = z
  .strictObject({
    references: z
      .array(reference, 'is required: whom to ask for')
      .min(1, 'must name one')
      .max(MOST_AT_ONCE, `may name ${MOST_AT_ONCE}`),
    features: z
      .array(featureName)
      .min(1, 'must name one, or be left out')
      .max(MOST_AT_ONCE, `may name ${MOST_AT_ONCE}`)
      .optional()
      .meta({ description: 'Only these are told.' }),
  })
  .meta({ id: 'AccessQuery', example: { references: ['user-17', 'user-18'], features: ['course-a'] } });

export const access: readonly Endpoint[] = [
  revalidating({
    path: '/customers/:id/access',
    name: 'readAccess',
    summary: 'Read what somebody may use',
    description:
      'By the reference that he has in the application (`client_reference_id`). Whom nothing was ever given to may use nothing: that is no error.',
    scope: 'access:read',
    id: referenceId,
    query: wanted,
    answers: {
      200: { description: 'All that he may use, with its version.', schema: accessAnswer },
      304: { description: 'What has this `ETag` still holds.' },
    },
    problems: ['not_found', 'unavailable'],
    handle: async ({ id, query: { session, wait }, known }, deps) => {
      const who = asReference(id) ?? id;
      if (session !== undefined) {
        const end = await followCheckout(session, who, wait, deps);
        if (end === 'unknown') throw noSuchCheckout();
        return { headers: UNCACHED, body: { ...present(await readOne(who, deps)), pending: end === 'pending' } };
      }
      const version = versionIn(known);
      const still = version === undefined ? undefined : await stillHolds(deps.db, who, version);
      if (still && version !== undefined) return { headers: cached(version, still.seconds, still.on_test_clock) };
      const found = await readOne(who, deps);
      const headers = found.isAhead ? UNCACHED : cached(found.version, secondsUntil(found), found.onTestClock);
      return { headers, body: present(found) };
    },
  }),
  reading({
    path: '/customers/:id/access-token',
    name: 'readAccessToken',
    summary: 'Read what somebody may use, signed',
    description:
      'As a token that is believed without asking, by whoever has the keys of `/.well-known/jwks.json`. It can’t be called back, so it ends soon.',
    scope: 'access:read',
    id: referenceId,
    query: z.strictObject({}),
    answers: { 200: { description: 'The token.', schema: accessToken } },
    problems: ['not_found', 'not_allowed'],
    handle: async ({ id }, deps) => {
      const { token, version, expiresAt } = await signAccess(asReference(id) ?? id, deps);
      return { token, version, expires_at: expiresAt.toISOString() };
    },
  }),
  querying({
    path: '/access/query',
    name: 'queryAccess',
    summary: 'Read what many may use',
    description: `Up to ${MOST_AT_ONCE} references at once, in the order that they are asked for.`,
    scope: 'access:read',
    body: query,
    answers: { 200: { description: 'One answer for each reference.', schema: accessList } },
    problems: ['invalid_fields'],
    handle: async ({ references, features }, { db }) => ({
      data: (await readAccess(db, references)).map((found) => only(present(found), features)),
    }),
  }),
];

async function readOne(who: string, { db }: { readonly db: Parameters<typeof readAccess>[0] }): Promise<Access> {
  const [found] = await readAccess(db, [who]);
  return found ?? bug(`${who} was asked for, and nobody was found`);
}

function present({ reference: who, version, asOf, features }: Access) {
  return { reference: who, version, as_of: asOf.toISOString(), features };
}

function only(told: ReturnType<typeof present>, features: readonly string[] | undefined) {
  if (features === undefined) return told;
  const wantedOnes = Object.entries(told.features).filter(([name]) => features.includes(name));
  return { ...told, features: Object.fromEntries(wantedOnes) };
}

const UNCACHED = { 'Cache-Control': 'no-store' };

/**
 * @param seconds until it changes by time; null: it does not
 * @param onTestClock somebody may move that: the same `ETag` is still the same answer, and whoever has it asks each time
 */
function cached(version: number, seconds: number | null, onTestClock: boolean): Record<string, string> {
  if (onTestClock) return { ETag: `"v${version}"`, 'Cache-Control': 'private, no-cache' };
  const fresh = Math.min(FRESH_SECONDS, seconds ?? FRESH_SECONDS);
  const stale = Math.min(STALE_SECONDS, (seconds ?? Number.POSITIVE_INFINITY) - fresh);
  return { ETag: `"v${version}"`, 'Cache-Control': `private, max-age=${fresh}, stale-if-error=${stale}` };
}

function secondsUntil({ changesAt, now }: Access): number | null {
  return changesAt === null ? null : Math.floor((changesAt.getTime() - now.getTime()) / 1000);
}

/** @param known one ETag of ours, or several */
function versionIn(known: string | undefined): number | undefined {
  const versions = [...(known ?? '').matchAll(/"v(\d{1,15})"/g)].map(([, number]) => Number(number));
  return versions.length === 0 ? undefined : Math.max(...versions);
}

function noSuchCheckout(): ApiError {
  return new ApiError('unreadable', 'There is no such checkout of this reference.', {
    errors: inQuery([{ field: 'session', message: 'is no checkout that was opened for this reference' }]),
  });
}
