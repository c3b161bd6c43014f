/** The simulated Stripe of a benchmark. */
export const KEY = 'sk_test_benchmark';
export const SECRET = 'whsec_benchmark';

/** A payment by card that has succeeded. @param customer empty: a guest */
export function cardPayment(customer: string): string {
  return `amount=4900&currency=eur&customer=${customer}&payment_method=pm_card_visa&confirm=true&description=Course&automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never`;
}

export async function newCustomer(simulator: string): Promise<string> {
  return post(simulator, '/v1/customers', 'name=Benchmark&email=bench%40example.com');
}

/** Of api and workers. */
export function settingsFor(stage: { readonly redisUrl: string }, database: string, simulator: string, prefix: string) {
  return {
    DATABASE_URL: database,
    REDIS_URL: stage.redisUrl,
    QUEUE_PREFIX: prefix,
    STRIPE_SECRET_KEY: KEY,
    STRIPE_API_BASE: simulator,
    STRIPE_WEBHOOK_SECRETS: SECRET,
    STRIPE_RATE_LIMIT: '0',
    STRIPE_ENDPOINT_RATE_LIMIT: '0',
    LOG_LEVEL: 'warn',
  };
}

export async function post(simulator: string, path: string, body: string): Promise<string> {
  const answer = await fetch(simulator + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${KEY}`,
      'content-type': 'application/x-www-form-urlencoded',
      'stripe-version': '2026-10-28.endive',
    },
    body,
  });
  const json: { id?: string } = await answer.json();
  if (!answer.ok || !json.id) throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(json)}`);
  return json.id;
}

export async function control(simulator: string, method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(simulator + path, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

export async function executed(simulator: string): Promise<number> {
  const answer: unknown = await control(simulator, 'GET', '/_sim/counts');
  return sumOfRequests(answer);
}

/** The counts come per route; their shape is the simulator's, so only numbers named `requests` are added up. */
function sumOfRequests(value: unknown): number {
  if (value === null || typeof value !== 'object') return 0;
  return Object.entries(value).reduce(
    (sum, [key, each]) => sum + (key === 'requests' && typeof each === 'number' ? each : sumOfRequests(each)),
    0,
  );
}
