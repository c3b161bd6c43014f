import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { line, phase } from '../../bin/lib/progress.ts';
import { createApiKey } from '../../src/billing/people/api-keys.ts';
import { connect } from '../../src/platform/db.ts';
import { referenceOf, seedAccess } from './access-seed.ts';
import { apiOn } from './growth-ingest.ts';
import { processorSeconds, withChildren } from './processor-time.ts';
import type { Stage } from './stage.ts';
import { machine, markdownTable, median } from './table.ts';
import { load } from './wrk.ts';

/**
 * `GET /v1/customers/{reference}/access` through the api: reads a second, and how long one takes, at few and at many grants. Beside
 * it the same for an application that knows the version already and is told that it still holds (304).
 */
export interface AccessOptions {
  readonly grants: readonly number[];
  readonly connections: readonly number[];
  /** Reads of a round. */
  readonly requests: number;
  readonly rounds: number;
}

interface Round {
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
  /** Processor time per read in microseconds. */
  readonly server: number;
  readonly stores: number;
}

/** The rate of one key does not suffice for all. */
const KEYS = 64;
const ANSWERS = ['200', '304'] as const;
type Answer = (typeof ANSWERS)[number];

export async function access(stage: Stage, options: AccessOptions): Promise<string> {
  const rows: string[][] = [];
  for (const grants of options.grants) rows.push(...(await rowsAt(stage, grants, options)));
  return [
    `${machine()}; medians of ${options.rounds} rounds of ${options.requests} reads, of other people each time.`,
    '',
    markdownTable(
      ['grants', 'answer', 'connections', 'reads/s', 'p50 ms', 'p99 ms', 'CPU µs/read, server', 'stores'],
      rows,
    ),
  ].join('\n');
}

async function rowsAt(stage: Stage, grants: number, options: AccessOptions): Promise<string[][]> {
  const database = await stage.newDatabase();
  const people = await phase(`Seed ${grants} grants`, () => seedAccess(database, grants));
  const api = await apiOn(stage, `access-${grants}`, database);
  const keys = await keysFor(database);
  await expectAnswers(api.url, keys[0] ?? '');
  const rows: string[][] = [];
  for (const connections of options.connections) {
    for (const answer of ANSWERS) {
      const rounds: Round[] = [];
      // The first one warms up and is thrown away.
      for (let round = 0; round <= options.rounds; round += 1) {
        const measured = await measure(stage, api, {
          keys,
          people,
          answer,
          connections,
          count: options.requests,
          round,
        });
        line(`  ${grants} grants, ${answer}, ${connections} connections: ${measured.rate.toFixed(0)} reads/s`);
        if (round > 0) rounds.push(measured);
      }
      const of = (figure: keyof Round, digits: number) => median(rounds.map((one) => one[figure])).toFixed(digits);
      const figures = [of('rate', 0), of('p50', 2), of('p99', 2), of('server', 0), of('stores', 0)];
      rows.push([String(grants), answer, String(connections), ...figures]);
    }
  }
  await api.stop();
  return rows;
}

async function keysFor(database: string): Promise<string[]> {
  const db = connect(database, { name: 'bench', connections: 1 });
  try {
    const keys: string[] = [];
    for (let number = 0; number < KEYS; number += 1) {
      keys.push(await createApiKey(db, `bench-${number}`, ['access:read'], 'bench'));
    }
    return keys;
  } finally {
    await db.destroy();
  }
}

/** What is measured is what it is called. */
async function expectAnswers(url: string, key: string): Promise<void> {
  for (const answer of ANSWERS) {
    const headers = { authorization: `Bearer ${key}`, ...(answer === '304' ? { 'if-none-match': '"v1"' } : {}) };
    const { status } = await fetch(`${url}/v1/customers/${referenceOf(1)}/access`, { headers });
    if (String(status) !== answer) throw new Error(`Asked for a ${answer}, the api answered ${status}`);
  }
}

interface Reads {
  readonly keys: readonly string[];
  readonly people: number;
  readonly answer: Answer;
  readonly connections: number;
  readonly count: number;
  readonly round: number;
}

async function measure(
  stage: Stage,
  api: { readonly url: string; readonly pid: number },
  reads: Reads,
): Promise<Round> {
  const folder = mkdtempSync(join(tmpdir(), 'quittance-reads-'));
  try {
    const file = join(folder, 'requests');
    const requests = Array.from({ length: reads.count }, (_, number) => requestOf(number, reads));
    writeFileSync(file, requests.join(''));
    const stores = () => processorSeconds([...withChildren(stage.postgresPid), stage.redisPid]);
    const before = { server: processorSeconds([api.pid]), stores: stores() };
    const given = { file, length: requests[0]?.length ?? 0, count: reads.count };
    const { answers, seconds, p50, p99 } = await load(api.url, given, reads.connections);
    const perRead = 1e6 / answers;
    return {
      rate: answers / seconds,
      p50,
      p99,
      server: (processorSeconds([api.pid]) - before.server) * perRead,
      stores: (stores() - before.stores) * perRead,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Spread over all people by a step that has no divisor in common with their number. */
const STEP = 7_919;

function requestOf(number: number, { keys, people, answer, count, round }: Reads): string {
  const who = referenceOf(1 + (((round * count + number) * STEP) % people));
  const known = answer === '304' ? 'If-None-Match: "v1"\r\n' : '';
  return `GET /v1/customers/${who}/access HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${keys[number % keys.length]}\r\n${known}\r\n`;
}
