import type { ApiAnswer, ApiRequest } from '../core/api.ts';
import { accountOf } from '../core/authentication.ts';
import { type ControlRoute, jsonToForm } from '../core/control.ts';
import { invalidParam, StripeError } from '../core/errors.ts';
import { type FormMap, parseForm } from '../core/form.ts';
import { Router } from '../core/router.ts';
import type { Door } from '../core/server.ts';
import type { World } from '../core/world.ts';
import { buyerRoutes } from './buyers.ts';
import { faultRoutes } from './faults.ts';
import { sendRoutes } from './send.ts';
import { webhookRoutes } from './webhooks.ts';
import { worldRoutes } from './world.ts';

/** `/_sim/…`: how tests and people steer the simulation. Documented in simulator/README.md. */
export class ControlDoor implements Door {
  readonly #world: World;
  readonly #router: Router<ControlRoute>;

  /** `offered`: what the kinds of objects offer. */
  constructor(world: World, offered: readonly ControlRoute[]) {
    this.#world = world;
    this.#router = new Router([
      ...worldRoutes,
      ...buyerRoutes,
      ...faultRoutes,
      ...webhookRoutes,
      ...sendRoutes,
      ...offered,
    ]);
  }

  async answer(request: ApiRequest): Promise<ApiAnswer | undefined> {
    const [path = '', query = ''] = request.url.split('?', 2);
    if (path !== '/_sim' && !path.startsWith('/_sim/')) return undefined;
    try {
      const { route, ids } = this.#router.find(request.method, path);
      const { authorization } = request.headers;
      const world = this.#world;
      const account = authorization === undefined ? world.firstAccount() : accountOf(world, authorization);
      return json(200, await route.run({ world, account }, readForm(query, request.body), ids));
    } catch (error) {
      if (error instanceof StripeError)
        return json(error.status, { error: { message: error.message, ...error.details } });
      throw error;
    }
  }
}

function readForm(query: string, body: string): FormMap {
  if (!body.trimStart().startsWith('{')) return parseForm(body === '' ? query : body);
  try {
    return jsonToForm(JSON.parse(body));
  } catch {
    throw invalidParam('The body is not valid JSON.', 'body');
  }
}

const json = (status: number, body: object): ApiAnswer => ({
  status,
  headers: { 'Content-Type': 'application/json' },
  body: `${JSON.stringify(body, null, 2)}\n`,
});
