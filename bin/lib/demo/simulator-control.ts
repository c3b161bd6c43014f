import type { StripeSide } from './stripe-side.ts';

/** One call of the simulator's control API (`simulator/README.md`); throws with the answer when it is not a success. */
export async function control(side: StripeSide, method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${side.apiBase}${path}`, {
    method,
    ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}
