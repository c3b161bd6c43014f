import type { Clock } from './clock.ts';
import { noSuch } from './errors.ts';
import { type Ids, token } from './ids.ts';
import type { EventObject, WebhookEndpointObject } from './objects.ts';
import { seeded, shuffled } from './random.ts';
import type { Settings } from './settings.ts';
import { signatureHeader } from './signature.ts';
import { type Attempted, WebhookTransport } from './webhook-transport.ts';

/** How deliveries misbehave; all of it is what Stripe says may happen. */
export interface DeliverySwitches {
  paused: boolean;
  /** Deliveries are collected for `windowMs` and leave in random order. */
  shuffle: { seed: number; windowMs: number } | undefined;
  /** Chance that a delivery is sent `copies` more times. */
  duplicates: { rate: number; seed: number; copies: number } | undefined;
  delayMs: number;
  jitterMs: number;
}

export interface Delivery {
  id: string;
  endpoint: WebhookEndpointObject;
  event: EventObject;
  /** Sent again on purpose: it does not count for `pending_webhooks`. */
  repeat: boolean;
  state: 'pending' | 'delivered' | 'failed';
  attempts: (Attempted & { at: number; ms: number })[];
}

const calm: DeliverySwitches = { paused: false, shuffle: undefined, duplicates: undefined, delayMs: 0, jitterMs: 0 };
const MAX_HISTORY = 20_000;

/** Sends events to endpoints, signed, with retries: at least once and in no particular order. */
export class Webhooks {
  readonly #ids: Ids;
  readonly #clock: Clock;
  readonly #settings: Settings;
  /** What signs an endpoint's deliveries; two during a rotation. Not part of the endpoint's JSON. */
  readonly #secrets = new Map<string, string[]>();
  readonly #transport = new WebhookTransport();
  #switches: DeliverySwitches = calm;
  #chance = seeded(1);
  #shuffle = seeded(1);
  #jitter = seeded(1);
  #ready: Delivery[] = [];
  #held: Delivery[] = [];
  readonly #waiting = new Map<Delivery, () => void>();
  #active = 0;
  #window: NodeJS.Timeout | undefined;
  #history: Delivery[] = [];
  #idle: (() => void)[] = [];

  constructor(ids: Ids, clock: Clock, settings: Settings) {
    this.#ids = ids;
    this.#clock = clock;
    this.#settings = settings;
  }

  secretsOf(endpointId: string): readonly string[] {
    return this.#secrets.get(endpointId) ?? [];
  }

  signWith(endpointId: string, secret: string): void {
    this.#secrets.set(endpointId, [secret]);
  }

  /** A new secret for an endpoint. The old one signs beside it for `overlapSeconds` of simulated time. */
  rotateSecret(endpointId: string, overlapSeconds: number, secret: string = `whsec_${token(32)}`): string {
    const [old] = this.#secrets.get(endpointId) ?? [];
    if (old === undefined) throw noSuch('webhook endpoint', endpointId);
    this.#secrets.set(endpointId, [secret, old]);
    this.#clock.after(overlapSeconds * 1000, () => this.signWith(endpointId, secret));
    return secret;
  }

  get switches(): DeliverySwitches {
    return this.#switches;
  }

  set(switches: DeliverySwitches): void {
    this.#switches = switches;
    this.#chance = seeded(switches.duplicates?.seed ?? 1);
    this.#shuffle = seeded(switches.shuffle?.seed ?? 1);
    if (!switches.paused) this.#release();
  }

  enqueue(endpoint: WebhookEndpointObject, event: EventObject, repeat = false): Delivery {
    const { duplicates } = this.#switches;
    const copies = !repeat && duplicates !== undefined && this.#chance() < duplicates.rate ? duplicates.copies : 0;
    const delivery = this.#begin(endpoint, event, repeat);
    for (let copy = 0; copy < copies; copy++) this.#begin(endpoint, event, true);
    return delivery;
  }

  /** Deliveries begun and not yet ended. */
  get pending(): number {
    return this.#ready.length + this.#held.length + this.#waiting.size + this.#active;
  }

  history(): readonly Delivery[] {
    return this.#history;
  }

  /** Sends at once what is held or waits for a retry, and resolves when nothing is pending or the time is up. */
  async flush(timeoutMs: number): Promise<void> {
    for (const [delivery, cancel] of this.#waiting) {
      cancel();
      this.#ready.push(delivery);
    }
    this.#waiting.clear();
    this.#release();
    const deadline = performance.now() + timeoutMs;
    while (this.pending > 0 && performance.now() < deadline) await this.#nextEnd(deadline - performance.now());
  }

  /** One request outside of all bookkeeping: no retry, no history. */
  post(url: string, headers: Record<string, string>, body: string): Promise<Attempted> {
    return this.#transport.post(url, headers, body, this.#settings.webhookTimeoutMs);
  }

  reset(): void {
    for (const cancel of this.#waiting.values()) cancel();
    this.#waiting.clear();
    clearTimeout(this.#window);
    this.#window = undefined;
    this.#ready = [];
    this.#held = [];
    this.#history = [];
    this.set(calm);
  }

  close(): void {
    this.reset();
    this.#transport.close();
  }

  #begin(endpoint: WebhookEndpointObject, event: EventObject, repeat: boolean): Delivery {
    const id = this.#ids.make('del_');
    const delivery: Delivery = { id, endpoint, event, repeat, state: 'pending', attempts: [] };
    this.#history.push(delivery);
    if (this.#history.length > MAX_HISTORY * 1.1) this.#history = this.#history.slice(-MAX_HISTORY);
    const { delayMs, jitterMs } = this.#switches;
    this.#later(delivery, delayMs + this.#jitter() * jitterMs);
    return delivery;
  }

  #later(delivery: Delivery, ms: number): void {
    if (ms <= 0) {
      this.#admit(delivery);
      return;
    }
    const cancel = this.#clock.after(ms, () => {
      this.#waiting.delete(delivery);
      this.#admit(delivery);
    });
    this.#waiting.set(delivery, cancel);
  }

  #admit(delivery: Delivery): void {
    const { paused, shuffle } = this.#switches;
    if (paused || shuffle !== undefined) {
      this.#held.push(delivery);
      if (!paused) this.#window ??= setTimeout(() => this.#release(), shuffle?.windowMs ?? 0);
      return;
    }
    this.#ready.push(delivery);
    this.#pump();
  }

  #release(): void {
    clearTimeout(this.#window);
    this.#window = undefined;
    const { shuffle } = this.#switches;
    this.#ready.push(...(shuffle === undefined ? this.#held : shuffled(this.#held, this.#shuffle)));
    this.#held = [];
    this.#pump();
  }

  #pump(): void {
    while (this.#active < this.#settings.webhookConcurrency) {
      const delivery = this.#ready.shift();
      if (delivery === undefined) return;
      this.#active++;
      void this.#attempt(delivery).finally(() => {
        this.#active--;
        for (const wake of this.#idle.splice(0)) wake();
        this.#pump();
      });
    }
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const { endpoint, event } = delivery;
    const at = this.#clock.now();
    const version = endpoint.api_version ?? event.api_version;
    const body = JSON.stringify({ ...event, api_version: version }, null, 2);
    const headers = {
      'Content-Type': 'application/json; charset=utf-8',
      'User-Agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      'Stripe-Signature': signatureHeader(body, this.secretsOf(endpoint.id), sentAt()),
    };
    const began = performance.now();
    const outcome = await this.#transport.post(endpoint.url, headers, body, this.#settings.webhookTimeoutMs);
    delivery.attempts.push({ ...outcome, at, ms: Math.round(performance.now() - began) });
    this.#conclude(delivery, 'status' in outcome && outcome.status >= 200 && outcome.status < 300);
  }

  #conclude(delivery: Delivery, success: boolean): void {
    if (success) {
      delivery.state = 'delivered';
      const { event } = delivery;
      if (!delivery.repeat) event.pending_webhooks = Math.max(0, event.pending_webhooks - 1);
      return;
    }
    if (delivery.attempts.length >= this.#settings.webhookAttempts || delivery.endpoint.status === 'disabled') {
      delivery.state = 'failed';
      return;
    }
    const doublings = Math.min(delivery.attempts.length - 1, 8);
    this.#later(delivery, this.#settings.webhookRetryBaseMs * 2 ** doublings);
  }

  #nextEnd(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#idle.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

/** Seconds since 1970, real: a webhook crosses the real network, and who receives it compares with a real clock. */
function sentAt(): number {
  return Math.floor(Date.now() / 1000);
}
