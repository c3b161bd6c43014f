import { randomBytes } from 'node:crypto';
import { line, phase } from '../../bin/lib/progress.ts';
import { saveAdmin } from '../../src/billing/people/admins.ts';
import { createApiKey } from '../../src/billing/people/api-keys.ts';
import { connect, type Db } from '../../src/platform/db.ts';
import { apiOn, CONNECTIONS, ingestAtSizes } from './growth-ingest.ts';
import { pagesOf } from './growth-pages.ts';
import { type Size, seed, sizeFor } from './growth-seed.ts';
import type { Stage } from './stage.ts';
import { machine, markdownTable } from './table.ts';

/** What is asked of the service when much is stored: each page, a scrape, and taking in events, beside an empty database. */
export type GrowthOptions = {
  events: number;
  /** How often each page is asked for. */
  visits: number;
  rounds: number;
  /** Events per round. */
  requests: number;
};

export async function growth(stage: Stage, options: GrowthOptions): Promise<string> {
  const size = sizeFor(options.events);
  const empty = await stage.newDatabase();
  const full = await stage.newDatabase();
  await phase('Seed', () => seed(full, size));
  const pages = await phase('Pages', () => pagesAt(stage, full, options.visits));
  const ingest = await phase('Ingest', () => ingestAtSizes(stage, [empty, full], options));
  return [
    `${machine()}; ${sizeInWords(size)}; each address asked for ${options.visits} times, one after the other.`,
    '',
    pages,
    '',
    `Medians of ${options.rounds} rounds of ${options.requests} events over ${CONNECTIONS} connections:`,
    '',
    ingest,
  ].join('\n');
}

function sizeInWords({ events, payments, invoices }: Size): string {
  return `${events} events, ${payments} payments, ${invoices} own invoices`;
}

async function pagesAt(stage: Stage, databaseUrl: string, visits: number): Promise<string> {
  const api = await apiOn(stage, 'growth-pages', databaseUrl);
  const db = connect(databaseUrl, { name: 'bench', connections: 2 });
  try {
    const cookie = await signIn(db, api.url);
    const rows: string[][] = [];
    for (const page of await pagesOf(db)) {
      const headers = page.as === 'program' ? await keyFor(db) : { cookie };
      const { p50, p95 } = await measure(api.url + page.path, headers, visits);
      const verdict = p95 <= page.bar ? 'yes' : 'NO';
      line(`  ${page.what.padEnd(34)} ${p50.toFixed(1).padStart(7)} ${p95.toFixed(1).padStart(7)} ms`);
      rows.push([page.what, p50.toFixed(1), p95.toFixed(1), String(page.bar), verdict]);
    }
    return markdownTable(['page', 'p50 ms', 'p95 ms', 'at most', 'kept'], rows);
  } finally {
    await db.destroy();
    await api.stop();
  }
}

async function signIn(db: Db, url: string): Promise<string> {
  const password = 'a long enough password';
  await saveAdmin(db, { name: 'bench', password, role: 'operator' }, { actor: 'test' });
  const answer = await fetch(`${url}/console/login`, {
    method: 'POST',
    body: new URLSearchParams({ name: 'bench', password }),
    headers: { origin: url },
    redirect: 'manual',
  });
  const [cookie] = answer.headers.getSetCookie().map((one) => one.split(';')[0] ?? '');
  if (answer.status !== 303 || !cookie) throw new Error(`Signing in answered ${answer.status}`);
  return cookie;
}

/** Each page a key of its own: the rate of one does not suffice for all. */
async function keyFor(db: Db): Promise<Record<string, string>> {
  const name = `bench-${randomBytes(6).toString('hex')}`;
  return { authorization: `Bearer ${await createApiKey(db, name, ['invoices:read'], 'bench')}` };
}

const WARM_UP = 5;

async function measure(url: string, headers: Record<string, string>, visits: number) {
  const times: number[] = [];
  for (let visit = -WARM_UP; visit < visits; visit += 1) {
    const began = performance.now();
    const answer = await fetch(url, { headers, redirect: 'manual' });
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`);
    if (visit >= 0) times.push(performance.now() - began);
  }
  const sorted = times.sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95) };
}
