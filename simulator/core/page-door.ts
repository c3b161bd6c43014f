import type { ApiAnswer, ApiRequest } from './api.ts';
import { StripeError } from './errors.ts';
import { parseForm } from './form.ts';
import { escaped, layout } from './html.ts';
import type { PageAnswer, PageRoute } from './pages.ts';
import { Router } from './router.ts';
import type { Door } from './server.ts';
import type { World } from './world.ts';

/** Serves the pages that buyers see. Anything outside of the API that no page answers is a readable 404. */
export class PageDoor implements Door {
  readonly #world: World;
  readonly #router: Router<PageRoute>;

  constructor(world: World, pages: readonly PageRoute[]) {
    this.#world = world;
    this.#router = new Router(pages);
  }

  answer(request: ApiRequest): ApiAnswer | undefined {
    const [path = '', query = ''] = request.url.split('?', 2);
    if (path.startsWith('/v1') || path.startsWith('/v2') || path.startsWith('/_sim')) return undefined;
    try {
      const { route, ids } = this.#router.find(request.method, path);
      return sent(route.run(this.#world, parseForm(request.method === 'POST' ? request.body : query), ids));
    } catch (error) {
      if (!(error instanceof StripeError)) throw error;
      const body = `<h1>That did not work</h1><p>${escaped(error.message)}</p>`;
      return sent({ status: error.status, html: layout('Not possible', body) });
    }
  }
}

function sent(answer: PageAnswer): ApiAnswer {
  if ('redirect' in answer) return { status: 303, headers: { Location: answer.redirect }, body: '' };
  return {
    status: answer.status,
    headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' },
    body: answer.html,
  };
}
