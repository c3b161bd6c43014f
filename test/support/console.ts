import { answerOf } from './command.ts';
import type { Settings } from './processes.ts';

/** An operator who is signed in to the console of this api. */
export type Operator = {
  /** A request as the pages make it: with the cookie, and from the same site. */
  fetch(method: string, path: string): Promise<Response>;
};

export async function signIn(api: { url: string }, settings: Settings): Promise<Operator> {
  const password = 'a long enough password';
  await answerOf(['admin', 'create', 'operator'], settings, `${password}\n`);
  const answer = await fetch(`${api.url}/console/login`, {
    method: 'POST',
    body: new URLSearchParams({ name: 'operator', password }),
    headers: { origin: api.url },
    redirect: 'manual',
  });
  if (answer.status !== 303) throw new Error(`Signing in answered ${answer.status}: ${await answer.text()}`);
  const cookie = answer.headers.getSetCookie().map((one) => one.split(';')[0]);
  return {
    fetch: (method, path) =>
      fetch(`${api.url}${path}`, { method, headers: { cookie: cookie.join('; '), origin: api.url } }),
  };
}
