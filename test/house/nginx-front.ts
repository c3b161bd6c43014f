import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { checkout, cleanEnvironment } from '../../bin/lib/checkout.ts';
import { freePort } from '../../bin/lib/free-port.ts';
import { stopProcess } from '../../bin/lib/identity.ts';
import { spawnNoted } from '../../bin/lib/spawn.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { until } from '../support/eventually.ts';
import { testRun, uniqueName } from '../support/run.ts';
import type { NginxHere } from './nginx-program.ts';

/** nginx with the deployed configuration, on free ports of 127.0.0.1, in front of an api. */
export type Front = { http: number; https: number; certificate: string; accessLog(): string; errors(): string };

/** The deployed file, changed in few places only: its two ports, where its logs go, and how long a header may take. */
function configurationFor(http: number, https: number, folder: string): string {
  const deployed = readFileSync(join(checkout, 'deploy/nginx/quittance.conf'), 'utf8');
  const changes: [string, string][] = [
    ['listen 80;', `listen 127.0.0.1:${http};`],
    ['listen 443 ssl;', `listen 127.0.0.1:${https} ssl;`],
    ['/var/log/nginx/access.log', join(folder, 'access.log')],
    ['/var/log/nginx/error.log', 'stderr'],
    ['client_header_timeout 10s;', 'client_header_timeout 1s;'],
  ];
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`deploy/nginx/quittance.conf says "${from}" no more: mend this test`);
    return text.replaceAll(from, to);
  }, deployed);
}

/** As the image of nginx fills it in. */
function publicUrlFile(url: string): string {
  const template = readFileSync(join(checkout, 'deploy/nginx/public-url.conf.template'), 'utf8');
  return template.replace(/\$\{PUBLIC_URL\}/g, url);
}

export async function startFront(program: NginxHere, apiUrl: string): Promise<Front> {
  const run = testRun();
  const name = uniqueName('nginx');
  const folder = join(run.folder, name);
  const [http, https] = [await freePort(), await freePort()];
  mkdirSync(join(folder, 'temporary'), { recursive: true });
  const made = spawnSync(join(checkout, 'deploy/nginx/self-signed.sh'), ['localhost', join(folder, 'certs')]);
  if (made.status !== 0) throw new Error(`self-signed.sh failed: ${made.stderr}`);
  writeFileSync(
    join(folder, 'upstream.conf'),
    `upstream quittance_api { server ${new URL(apiUrl).host}; keepalive 32; }\n`,
  );
  writeFileSync(join(folder, 'site.conf'), configurationFor(http, https, folder));
  writeFileSync(join(folder, 'public-url.conf'), publicUrlFile(`https://localhost:${https}/`));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${join(folder, 'temporary', kind)};`,
  );
  writeFileSync(
    join(folder, 'nginx.conf'),
    // As root its workers would become nobody, who may not enter the folder of the run.
    `${process.getuid?.() === 0 ? 'user root;\n' : ''}daemon off;\nworker_processes 1;\npid ${folder}/nginx.pid;
    error_log stderr warn;\nevents {}\nhttp {\n${temporary.join('\n')}\ninclude site.conf;\n}\n`,
  );
  const words = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'];
  const env = cleanEnvironment({ LD_LIBRARY_PATH: program.libraries });
  const tried = spawnSync(program.path, ['-t', ...words], { env, encoding: 'utf8' });
  if (tried.status !== 0) throw new Error(`nginx refuses the configuration:\n${tried.stderr}`);
  const spawned = spawnNoted(
    run,
    { name, store: false, stopSignal: 'SIGTERM' },
    { program: program.path, words, env, folder },
  );
  releaseAfterFile(async () => void (await stopProcess(spawned.process)));
  await until(() => canConnect(https), { what: `nginx listens on ${https}` });
  return {
    http,
    https,
    certificate: readFileSync(join(folder, 'certs/tls.crt'), 'utf8'),
    accessLog: () => readFileSync(join(folder, 'access.log'), 'utf8'),
    errors: spawned.said,
  };
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.unref();
  });
}

export type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string };

export type Ask = {
  method?: string;
  headers?: Record<string, string>;
  body?: Buffer | string;
  maxVersion?: 'TLSv1.1' | 'TLSv1.2';
};

/** A connection over TLS, on which anything may be sent. */
export async function openTls(front: Front): Promise<TLSSocket> {
  const socket = connectTls({ host: '127.0.0.1', port: front.https, servername: 'localhost', ca: front.certificate });
  await once(socket, 'secureConnect');
  return socket;
}

/** One request over TLS, with the path sent as it is written (fetch would tidy it up). */
export function ask(
  front: Front,
  path: string,
  { method = 'GET', headers = {}, body, maxVersion }: Ask = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: front.https,
        servername: 'localhost',
        ca: front.certificate,
        agent: false,
        method,
        path,
        headers: {
          host: `localhost:${front.https}`,
          ...headers,
          ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
        },
        ...(maxVersion ? { maxVersion, minVersion: 'TLSv1' as const, ciphers: 'DEFAULT:@SECLEVEL=0' } : {}),
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(parts).toString('utf8'),
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
