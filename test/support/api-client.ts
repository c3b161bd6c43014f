import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { changePreview } from '../../src/api/v1/change-answers.ts';
import { endpoints } from '../../src/api/v1/endpoints.ts';
import { problemsOf } from '../../src/api/v1/openapi.ts';
import { typeOf } from '../../src/api/v1/problem.ts';
import { createApiKey } from '../../src/billing/people/api-keys.ts';
import { API_SCOPES } from '../../src/billing/people/api-scopes.ts';
import type { Db } from '../../src/platform/db.ts';

/** `/v1` as one of the business's own programs sees it. */
export type ApiClient = {
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<ApiAnswer>;
  /** POST /v1/invoices that must succeed. */
  create(body: unknown): Promise<ApiInvoice>;
  get(id: string): Promise<ApiInvoice>;
  /** The same key at another api. */
  at(apiUrl: string): ApiClient;
};

export type ApiAnswer = { status: number; body: unknown; headers: Headers };

const apiInvoice = z.looseObject({
  id: z.string(),
  status: z.string(),
  state: z.string(),
  number: z.string().nullable(),
  url: z.string().nullable(),
  totals: z.object({ net: z.number(), tax: z.number(), gross: z.number() }),
  lines: z.array(z.looseObject({ id: z.number(), optional: z.boolean(), counted: z.boolean() })),
  payment: z.looseObject({ payment_intent: z.string(), amount: z.number(), extras: z.array(z.number()) }).nullable(),
  log: z.array(z.looseObject({ kind: z.string() })),
});
export type ApiInvoice = z.output<typeof apiInvoice>;

const ofQuery = z.strictObject({ parameter: z.string(), detail: z.string() });

/** As RFC 9457 has it. */
export const apiProblem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string() }).or(ofQuery)).default([]),
  preview: changePreview.optional(),
});

/** A new key of its own, so that each client has the whole rate. */
export async function apiClient(db: Db, apiUrl: string, scopes: readonly string[] = API_SCOPES): Promise<ApiClient> {
  return clientOf(await createApiKey(db, `test-${randomUUID()}`, scopes, 'test'), apiUrl);
}

function clientOf(key: string, apiUrl: string): ApiClient {
  const ask: ApiClient['ask'] = async (method, path, body, headers = {}) => {
    const answer = await fetch(`${apiUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const found = {
      status: answer.status,
      body: answer.status === 304 ? undefined : await answer.json(),
      headers: answer.headers,
    };
    expectDescribed(method, path, found);
    return found;
  };
  return {
    ask,
    async create(body) {
      const answer = await ask('POST', '/v1/invoices', body);
      if (answer.status !== 201) throw new Error(`not created: ${answer.status} ${JSON.stringify(answer.body)}`);
      return apiInvoice.parse(answer.body);
    },
    async get(id) {
      return apiInvoice.parse((await ask('GET', `/v1/invoices/${id}`)).body);
    },
    at: (other) => clientOf(key, other),
  };
}

/** Each answer that a test gets is as /v1 describes it: what is not in its schema is a failed test. */
function expectDescribed(method: string, path: string, { status, body, headers }: ApiAnswer): void {
  const asked = path.split('?')[0] ?? '';
  const endpoint = endpoints.find((each) => each.method === method.toLowerCase() && patternOf(each.path).test(asked));
  if (status >= 400) {
    const { type } = apiProblem.parse(body);
    if (type === 'about:blank') return;
    if (!headers.get('content-type')?.startsWith('application/problem+json')) {
      throw new Error(`${method} ${path}: a problem that is not told to be one`);
    }
    if (endpoint && ![...problemsOf(endpoint)].map(typeOf).includes(type)) {
      throw new Error(`${method} ${path} answered ${type}, which is not described`);
    }
    return;
  }
  const described = endpoint?.answers[status];
  if (!described) throw new Error(`${method} ${path} answered ${status}, which is not described`);
  described.schema?.parse(body);
}

function patternOf(path: string): RegExp {
  return new RegExp(`^/v1${path.replace(/:\w+/, '[^/]+')}$`);
}

/** What is wrong where: by pointer into the body, or by parameter of the query. */
export function problemsIn(answer: ApiAnswer): Record<string, string> {
  const { errors } = apiProblem.parse(answer.body);
  return Object.fromEntries(errors.map((error) => [whereOf(error), error.detail]));
}

export function whereOf(error: z.output<typeof apiProblem>['errors'][number]): string {
  return 'pointer' in error ? error.pointer : error.parameter;
}
