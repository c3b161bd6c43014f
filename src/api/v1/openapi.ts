import type { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiResponsesObject } from 'zod-openapi';
import { problem } from './answers.ts';
import { AREAS, areaOf } from './areas.ts';
import { type Endpoint, NO_QUERY } from './endpoint.ts';
import { PROBLEM_TYPE, PROBLEMS, type ProblemKind } from './problem.ts';

/** The OpenAPI 3.1 document of /v1, from its list of endpoints. docs/openapi.json is this, written down. */
export function openApiOf(endpoints: readonly Endpoint[]) {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const endpoint of endpoints) {
    const path = `/v1${endpoint.path.replace(/:(\w+)/g, '{$1}')}`;
    paths[path] = { ...paths[path], [endpoint.method]: operationOf(endpoint) };
  }
  return createDocument({
    openapi: '3.1.1',
    info: {
      title: 'Quittance',
      version: 'v1',
      summary: 'Own invoices, for the business’s own programs.',
      description:
        'Amounts are integers in minor units of `currency`, times are UTC. Errors are `application/problem+json` (RFC 9457). A key may send 100 requests in 10 seconds.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The api that this document comes from.' }],
    tags: Object.entries(AREAS).map(([name, description]) => ({ name, description })),
    security: [{ apiKey: [] }],
    components: {
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key, `qk_…`: `quittance api-key create NAME --scopes invoices:read,invoices:write`',
        },
      },
    },
    paths,
  });
}

/** What every endpoint may answer, and every one that changes something. */
const ALWAYS: readonly ProblemKind[] = ['unreadable', 'unauthenticated', 'forbidden', 'too_many_requests', 'internal'];
const OF_BODIES: readonly ProblemKind[] = ['too_large', 'unsupported_media_type'];
const OF_CHANGES: readonly ProblemKind[] = ['in_flight', 'key_reused'];

/** All that it may answer instead of a success. */
export function problemsOf({ problems, method, reads }: Endpoint): ReadonlySet<ProblemKind> {
  return new Set([
    ...problems,
    ...ALWAYS,
    ...(method === 'get' ? [] : OF_BODIES),
    ...(method === 'get' || reads ? [] : OF_CHANGES),
  ]);
}

function operationOf(endpoint: Endpoint): ZodOpenApiOperationObject {
  const { name, summary, description, scope, id, body, method, reads } = endpoint;
  return {
    operationId: name,
    tags: [areaOf(endpoint.path)],
    summary,
    description: [description, `Scope: \`${scope}\`.`].filter(Boolean).join(' '),
    parameters: [
      ...(id ? [idParameter(id.pattern, id.example)] : []),
      ...(method === 'post' && !reads ? [IDEMPOTENCY_KEY] : []),
    ],
    ...queryOf(endpoint.query),
    ...(body
      ? { requestBody: { required: !body.safeParse({}).success, content: { 'application/json': { schema: body } } } }
      : {}),
    responses: responsesOf(endpoint),
  };
}

function queryOf(query: z.ZodObject | undefined) {
  if (query === undefined || query === NO_QUERY) return {};
  return { requestParams: { query: query } };
}

function idParameter(pattern: RegExp, example: string) {
  return {
    name: 'id',
    in: 'path',
    required: true,
    schema: { type: 'string', pattern: pattern.source },
    example,
  } as const;
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Any word of up to 255 characters, best a new UUID or the number of the order: the request is done once per API key and word. Sent again it gets the first answer, with `Idempotent-Replayed: true`.',
  schema: { type: 'string', maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
} as const;

function responsesOf(endpoint: Endpoint): ZodOpenApiResponsesObject {
  const good = Object.entries(endpoint.answers).map(([status, { description, schema }]) => [
    status,
    { description, ...(schema ? { content: { 'application/json': { schema } } } : {}) },
  ]);
  const byStatus = Map.groupBy(problemsOf(endpoint), (kind) => PROBLEMS[kind].status);
  const bad = [...byStatus].map(([status, ofStatus]) => [
    String(status),
    {
      description: ofStatus.map((kind) => `\`${kind}\`: ${PROBLEMS[kind].means}`).join('\n\n'),
      content: { [PROBLEM_TYPE]: { schema: problem } },
    },
  ]);
  return Object.fromEntries([...good, ...bad]);
}
