import { Account } from './account.ts';
import { Clock } from './clock.ts';
import type { Conformance } from './conformance.ts';
import { Context } from './context.ts';
import { noSuch } from './errors.ts';
import { Events } from './events.ts';
import { Faults } from './faults.ts';
import { Ids, token } from './ids.ts';
import { RequestLimits } from './limits.ts';
import type { WebhookEndpointObject } from './objects.ts';
import type { Reactions } from './reactions.ts';
import { RequestLog } from './request-log.ts';
import { defaultSettings, type Settings } from './settings.ts';
import { Webhooks } from './webhooks.ts';

export interface WorldOptions {
  keys: readonly string[];
  /** All keys are live ones, whatever their prefix says. */
  livemode?: boolean;
  settings?: Partial<Settings>;
  conformance?: Conformance | undefined;
  reactions?: readonly Reactions[];
}

/** Everything that one simulator process holds. */
export class World {
  readonly settings: Settings;
  readonly clock = new Clock();
  readonly ids = new Ids();
  readonly events = new Events(this);
  readonly webhooks = new Webhooks(this);
  readonly faults = new Faults();
  readonly limits = new RequestLimits();
  readonly log: RequestLog;
  readonly conformance: Conformance | undefined;
  readonly reactions: readonly Reactions[];
  readonly #accounts = new Map<string, Account>();
  /** Where people and programs reach this simulator; known once it listens. */
  baseUrl = '';

  constructor(options: WorldOptions) {
    this.settings = { ...defaultSettings, ...options.settings };
    this.log = new RequestLog(this.settings.maxLog);
    this.conformance = options.conformance;
    this.reactions = options.reactions ?? [];
    for (const key of options.keys) {
      const livemode = options.livemode ?? /^[a-z]+_live_/.test(key);
      this.#accounts.set(key, new Account(this.ids.make('acct_'), key, livemode));
    }
  }

  get accounts(): Account[] {
    return [...this.#accounts.values()];
  }

  accountOf(key: string): Account | undefined {
    return this.#accounts.get(key);
  }

  /** The account that the command line's webhook endpoint and the control API speak of when they name no key. */
  firstAccount(): Account {
    const [first] = this.#accounts.values();
    if (first === undefined) throw new Error('The simulator needs at least one API key.');
    return first;
  }

  /** The account in which `find` finds something, for doors that know an id and no key. */
  locate<T>(what: string, id: string, find: (account: Account) => T | undefined): [Context, T] {
    for (const account of this.accounts) {
      const found = find(account);
      if (found !== undefined) return [this.context(account), found];
    }
    throw noSuch(what, id);
  }

  /** Creates an endpoint as the Dashboard would. */
  listen(account: Account, url: string, secret: string = `whsec_${token(32)}`): WebhookEndpointObject {
    const id = this.ids.make('we_');
    account.signingSecrets.set(id, [secret]);
    return account.store.webhook_endpoint.add({
      id,
      object: 'webhook_endpoint',
      api_version: null,
      application: null,
      created: this.clock.now(),
      description: 'From the command line',
      enabled_events: ['*'],
      livemode: account.livemode,
      metadata: {},
      status: 'enabled',
      url,
    });
  }

  /** A new secret for an endpoint. The old one signs beside it for `overlapSeconds` of simulated time. */
  rotateSecret(endpointId: string, overlapSeconds: number, secret: string = `whsec_${token(32)}`): string {
    const account = this.accounts.find(({ signingSecrets }) => signingSecrets.has(endpointId));
    if (account === undefined) throw noSuch('webhook endpoint', endpointId);
    const [old] = account.signingSecrets.get(endpointId) ?? [];
    account.signingSecrets.set(endpointId, old === undefined ? [secret] : [secret, old]);
    this.clock.after(overlapSeconds * 1000, () => account.signingSecrets.set(endpointId, [secret]));
    return secret;
  }

  context(account: Account): Context {
    return new Context(this, account);
  }

  /** Back to an empty world: objects, keys, faults, log and clock go; API keys and webhook endpoints stay. */
  reset(): void {
    this.clock.reset();
    this.faults.clear();
    this.limits.clear();
    this.log.clear();
    this.webhooks.reset();
    for (const account of this.accounts) account.reset();
  }
}
