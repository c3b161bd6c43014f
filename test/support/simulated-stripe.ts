import Stripe from 'stripe';
import { z } from 'zod';

/** The simulated Stripe as a test sees it: the official client, its control API, and what it has counted. */
export type SimulatedStripe = {
  url: string;
  /** The secret key of the account. */
  key: string;
  stripe: Stripe;
  /** One call of the control API (`simulator/README.md`); throws with the answer when it is not a success. */
  control(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<unknown>;
  /** Adds a fault; the answer is its id. */
  fault(rule: Fault): Promise<string>;
  /** How many requests each fault has struck since it was added. */
  struck(): Promise<number>;
  endFaults(): Promise<void>;
  /** Requests to the API, oldest first, without those of this client. */
  requests(): Promise<ApiRequest[]>;
  forgetRequests(): Promise<void>;
  /** Every event that was made, oldest first, as it would be delivered. */
  events(): Promise<StripeEvent[]>;
};

export type Fault = {
  kind: 'latency' | 'drop' | 'error_after' | 'error_before' | 'rate_limit' | 'refuse' | 'lock_timeout' | 'reset';
  path: string;
  method?: 'GET' | 'POST' | 'DELETE';
  count?: number;
  skip?: number;
  rate?: number;
  seed?: number;
  ms?: number;
  where?: 'before' | 'after' | 'split';
  status?: number;
};

const apiRequest = z.object({
  id: z.string(),
  method: z.string(),
  template: z.string(),
  url: z.string(),
  status: z.number(),
  idempotency_key: z.string().nullable(),
  replayed: z.boolean(),
  executed: z.boolean(),
  faults: z.array(z.string()),
  /** The parameters as they were sent. */
  form: z.unknown(),
});
export type ApiRequest = z.output<typeof apiRequest>;

const stripeEvent = z.looseObject({
  id: z.string(),
  type: z.string(),
  created: z.number(),
  data: z.looseObject({ object: z.looseObject({ id: z.string().optional() }) }),
});
export type StripeEvent = z.output<typeof stripeEvent>;

export function simulatedStripe(simulator: { url: string; key: string }): SimulatedStripe {
  const { key } = simulator;
  const { hostname, port } = new URL(simulator.url);
  const stripe = new Stripe(key, { host: hostname, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
  const ours = new Set<string>();
  stripe.on('response', ({ request_id: id }: Stripe.ResponseEvent) => ours.add(id));

  const control: SimulatedStripe['control'] = async (method, path, body) => {
    const answer = await fetch(`${simulator.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}` },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };

  return {
    url: simulator.url,
    key,
    stripe,
    control,
    async fault(rule) {
      return z.object({ id: z.string() }).parse(await control('POST', '/_sim/faults', rule)).id;
    },
    async struck() {
      const { faults } = faultList.parse(await control('GET', '/_sim/faults'));
      return faults.reduce((sum, { hits }) => sum + hits, 0);
    },
    async endFaults() {
      await control('DELETE', '/_sim/faults');
    },
    async requests() {
      const { requests } = z.object({ requests: z.array(apiRequest) }).parse(await control('GET', '/_sim/requests'));
      return requests.filter(({ id, url }) => !ours.has(id) && !url.startsWith('/v1/events'));
    },
    async forgetRequests() {
      await control('DELETE', '/_sim/requests');
    },
    async events() {
      const found: StripeEvent[] = [];
      for (let after = ''; ; ) {
        const answer = await fetch(`${simulator.url}/v1/events?limit=100${after}`, {
          headers: { authorization: `Bearer ${key}` },
        });
        const page = eventPage.parse(await answer.json());
        const events = page.data.filter(isEvent);
        found.push(...events);
        const last = events.at(-1);
        if (!page.has_more || !last) return found.reverse();
        after = `&starting_after=${last.id}`;
      }
    },
  };
}

const faultList = z.object({ faults: z.array(z.object({ hits: z.number() })) });
const eventPage = z.object({ data: z.array(z.unknown()), has_more: z.boolean() });

/** Checked and left as it is: a parsed copy would have its fields in another order. */
function isEvent(value: unknown): value is StripeEvent {
  return stripeEvent.safeParse(value).success;
}
