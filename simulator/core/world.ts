import { Account } from './account.ts';
import type { Conformance } from './conformance.ts';
import { Context, type Home, type Reactions } from './context.ts';
import { invalidParam, noSuch } from './errors.ts';
import { Ids, token } from './ids.ts';
import type { WebhookEndpointObject } from './objects.ts';
import { defaultSettings, type Settings } from './settings.ts';

export interface WorldOptions {
  keys: readonly string[];
  /** All keys are live ones, whatever their prefix says. */
  livemode?: boolean;
  settings?: Partial<Settings>;
  conformance?: Conformance | undefined;
  reactions?: readonly Reactions[];
}

/** Everything that one simulator process holds: its accounts, and what they have in common. */
export class World implements Home {
  /** What an account begins with. */
  readonly settings: Settings;
  readonly ids = new Ids();
  readonly conformance: Conformance | undefined;
  readonly reactions: readonly Reactions[];
  readonly #livemode: boolean | undefined;
  readonly #accounts = new Map<string, Account>();
  baseUrl = '';

  constructor(options: WorldOptions) {
    this.settings = { ...defaultSettings, ...options.settings };
    this.conformance = options.conformance;
    this.reactions = options.reactions ?? [];
    this.#livemode = options.livemode;
    for (const key of options.keys) this.open(key);
  }

  get accounts(): Account[] {
    return [...this.#accounts.values()];
  }

  /** One more account, for a key that nobody has yet. */
  open(key: string): Account {
    if (this.#accounts.has(key)) throw invalidParam('This key opens an account already.', 'key');
    const livemode = this.#livemode ?? /^[a-z]+_live_/.test(key);
    const account = new Account({ key, livemode, settings: this.settings, ids: this.ids });
    this.#accounts.set(key, account);
    return account;
  }

  /** Ends an account with all that waits in it. */
  close(account: Account): void {
    account.close();
    this.#accounts.delete(account.key);
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
    account.webhooks.signWith(id, secret);
    return account.store.webhook_endpoint.add({
      id,
      object: 'webhook_endpoint',
      api_version: null,
      application: null,
      created: account.clock.now(),
      description: 'From the command line',
      enabled_events: ['*'],
      livemode: account.livemode,
      metadata: {},
      status: 'enabled',
      url,
    });
  }

  context(account: Account): Context {
    return new Context(this, account);
  }
}
