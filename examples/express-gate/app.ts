import express, { type Express, type Request } from 'express';
import { isSigned } from './is-signed.ts';

/** An app that sells the plan `pro`, and lets in who may use the feature `pro`. What of that is true it asks of Quittance. */
export interface Settings {
  /** The address of Quittance, and an API key with the scopes access:read and checkouts:write. */
  readonly quittance: string;
  readonly key: string;
  /** What `quittance webhook add` has printed: whsec_… */
  readonly webhookSecret: string;
  /** The address of this app. */
  readonly self: string;
}

interface Access {
  readonly version: number;
  readonly features: Record<string, { until: string | null; grace_until: string | null }>;
  /** On the way back from a checkout: whether it is not paid yet. */
  readonly pending?: boolean;
}

/** In milliseconds: until when it is used without asking, and until when while nobody answers. */
interface Kept extends Access {
  readonly freshUntil: number;
  readonly usableUntil: number;
}

export function gate(settings: Settings): Express {
  const authorization = `Bearer ${settings.key}`;
  const kept = new Map<string, Kept>(); // In your app: a table, or Redis. One row for each person.

  async function checkout(reference: string): Promise<string> {
    const answer = await fetch(`${settings.quittance}/v1/checkouts`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({
        reference,
        plan: 'pro',
        success_url: `${settings.self}/welcome?user=${encodeURIComponent(reference)}&session={CHECKOUT_SESSION_ID}`,
      }),
    });
    const { url, detail }: { url?: string; detail?: string } = JSON.parse(await answer.text());
    if (!url) throw new Error(`No checkout: ${detail}`); // 409: there is a subscription already
    return url;
  }

  async function ask(reference: string, more = ''): Promise<Access> {
    const known = kept.get(reference);
    const answer = await fetch(`${settings.quittance}/v1/customers/${encodeURIComponent(reference)}/access${more}`, {
      headers: { authorization, 'if-none-match': known ? `"v${known.version}"` : '' },
      signal: AbortSignal.timeout(10_000),
    });
    const lasts = answer.headers.get('cache-control') ?? '';
    if (answer.status === 304 && known) return keep(reference, known, lasts);
    if (!answer.ok) throw new Error(`Quittance answered ${answer.status}`);
    return keep(reference, JSON.parse(await answer.text()), lasts);
  }

  /** Versions only grow: what has a lower one is older, whenever it arrives. */
  function keep(reference: string, access: Access, lasts: string): Access {
    const known = kept.get(reference);
    if (known && known.version > access.version) return known;
    const seconds = (name: string) => Number(new RegExp(`${name}=(\\d+)`).exec(lasts)?.[1] ?? 0);
    const freshUntil = Date.now() + seconds('max-age') * 1000;
    kept.set(reference, { ...access, freshUntil, usableUntil: freshUntil + seconds('stale-if-error') * 1000 });
    return access;
  }

  async function may(reference: string, feature: string): Promise<boolean> {
    const known = kept.get(reference);
    if (known && Date.now() < known.freshUntil) return holds(known, feature);
    try {
      return holds(await ask(reference), feature);
    } catch (error) {
      if (known && Date.now() < known.usableUntil) return holds(known, feature);
      throw error; // Nobody answers and nothing is known: what is costly stays closed.
    }
  }

  const app = express();

  app.post('/webhooks/quittance', express.raw({ type: 'application/json' }), (request, response) => {
    if (!isSigned(request, settings.webhookSecret)) return void response.sendStatus(401);
    const { type, data }: { type: string; data: Access & { reference: string } } = JSON.parse(String(request.body));
    if (type === 'access.changed') keep(data.reference, data, 'max-age=0, stale-if-error=86400');
    response.sendStatus(204);
  });

  app.post('/buy', async (request, response) => response.redirect(303, await checkout(whoIs(request))));

  app.get('/welcome', async (request, response) => {
    const { pending } = await ask(
      whoIs(request),
      `?session=${encodeURIComponent(String(request.query.session))}&wait=5`,
    );
    response.send(pending ? 'Your payment is on its way: look again in a minute.' : 'Welcome to Pro.');
  });

  app.get('/pro', async (request, response) => {
    if (await may(whoIs(request), 'pro')) return void response.send('This is Pro.');
    const buy = `/buy?user=${encodeURIComponent(whoIs(request))}`;
    response.status(403).send(`<form method="post" action="${buy}">Pro only. <button>Buy</button></form>`);
  });

  return app;
}

/** In your app: who is signed in. Never what an address says, as here. */
function whoIs(request: Request): string {
  return String(request.query.user ?? 'user-1');
}

/** What is kept in grace is allowed, too. */
function holds({ features }: Access, name: string): boolean {
  if (!features[name]) return false;
  const { until, grace_until: grace } = features[name];
  return until === null || new Date() < new Date(grace !== null && grace > until ? grace : until);
}
