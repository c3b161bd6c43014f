import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { checkout, cleanEnvironment, type Environment, localFolder } from '../../bin/lib/checkout.ts';
import { aptInstall, Complaint } from '../../bin/lib/complaint.ts';
import { canUnpackPackages, librariesIn, unpackDebianPackage } from '../../bin/lib/debian-package.ts';

/**
 * wrk makes the load: a generator in C leaves the processor to the servers that are measured. From PATH, else unpacked from
 * Debian's packages (no root).
 */
const cache = join(localFolder, 'cache/wrk');
const script = join(checkout, 'test/bench/wrk-events.lua');

const loadResult = z.object({
  seconds: z.number(),
  /** Answers that arrived. */
  answers: z.number(),
  /** Answers with another status than 200. */
  refused: z.number(),
  /** Requests without an answer. */
  lost: z.number(),
  /** Milliseconds. */
  p50: z.number(),
  p99: z.number(),
});
export type LoadResult = z.output<typeof loadResult>;

/** A file of requests that are all of one length. */
export type Requests = { readonly file: string; readonly length: number; readonly count: number };

/** Sends all requests, each once, over so many keep-alive connections (closed loop). */
export async function load(url: string, requests: Requests, connections: number): Promise<LoadResult> {
  const { path, env } = await findWrk();
  const words = ['--threads', '1', '--connections', String(connections), '--duration', '120s', '--timeout', '30s'];
  const given = [requests.file, String(requests.length), String(requests.count)];
  const said = await run(path, [...words, '--script', script, url, '--', ...given], env);
  const result = loadResult.parse(JSON.parse(said.trim().split('\n').at(-1) ?? ''));
  // The last ones, at most one for each connection, are on their way when wrk stops.
  if (result.refused > 0 || result.lost > 0 || result.answers < requests.count - connections) {
    throw new Error(`${requests.count} events were sent to ${url}, and it came to ${JSON.stringify(result)}`);
  }
  return result;
}

/** @returns what wrk wrote; it is told to end when it has sent everything. */
async function run(path: string, words: readonly string[], env: Environment): Promise<string> {
  const child = spawn(path, words, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (!said.includes('sent\n') && (said + text).includes('sent\n')) child.kill('SIGINT');
    said += text;
  });
  await once(child, 'close');
  return said;
}

async function findWrk(): Promise<{ path: string; env: Environment }> {
  if (spawnSync('wrk', ['--version']).error === undefined) return { path: 'wrk', env: cleanEnvironment() };
  const path = join(cache, 'usr/bin/wrk');
  if (!existsSync(path)) {
    if (!canUnpackPackages())
      throw new Complaint('No wrk was found, which makes the load: install it.', aptInstall('wrk'));
    await unpackDebianPackage('wrk', cache);
  }
  return { path, env: cleanEnvironment({ LD_LIBRARY_PATH: librariesIn(cache) }) };
}
