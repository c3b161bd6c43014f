import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { checkout } from '../../bin/lib/checkout.ts';
import { rooms } from '../../src/api/console/rooms.ts';
import { settings } from '../../src/platform/config.ts';
import { helpOf, subcommandsOf } from './command-line.ts';
import { substituted } from './deployment-files.ts';
import { type Document, documents, wordsOf } from './document-text.ts';

/** Whatever a document names exists. Each check gives one line per name that does not. */

const read = (file: string) => readFileSync(join(checkout, file), 'utf8');
const sources = (...patterns: string[]) => globSync(patterns, { cwd: checkout }).map(read).join('\n');

function complaints(check: (document: Document) => readonly string[]): string[] {
  return documents.flatMap((document) => check(document).map((name) => `${document.file}: ${name}`));
}

/** Made on the machine of whoever reads, so not in the repository. */
const madeLater = ['.local/', '.env', 'dist/', 'deploy/nginx/certs/'];

test('there are documents, and they name things', () => {
  expect(documents.length).toBeGreaterThan(12);
  expect(documents.flatMap(wordsOf).length).toBeGreaterThan(500);
});

test('each path exists', () => {
  const folders = /^(\.\/)?(src|bin|db|docs|deploy|config|examples|test|simulator|dist|\.ci)\/[\w./*-]*$/;
  const atRoot = /^([A-Z]+|[a-z][\w-]*)\.(md|json|yml)$|^(Dockerfile|LICENSE|\.env\.example|\.dockerignore)$/;
  const missing = complaints((document) =>
    wordsOf(document)
      .map((word) => word.replace(/[.:]+$/, ''))
      .filter((word) => (folders.test(word) || atRoot.test(word)) && !madeLater.includes(word))
      .filter((path) => !existsSync(join(checkout, sourceOf(path)))),
  );
  expect(missing).toEqual([]);
});

/** A compiled program stands for its source. */
function sourceOf(path: string): string {
  return path.replace(/^dist\/(.*)\.js$/, '$1.ts');
}

test('each link leads somewhere', () => {
  const broken = complaints(({ file, text }) =>
    [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)]
      .map((match) => String(match[1]))
      .filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(checkout, dirname(file), link))),
  );
  expect(broken).toEqual([]);
});

test('each environment variable is read: by the configuration, the compose file or the tools', () => {
  const tools = sources(
    'bin/**/*.ts',
    'test/support/*.ts',
    'simulator/**/*.ts',
    'examples/**/*.ts',
    'vitest.config.ts',
  );
  const isRead = (name: string) =>
    name in settings.shape || substituted.includes(name) || new RegExp(`env\\.${name}\\b`).test(tools);
  const unknown = complaints((document) =>
    wordsOf(document)
      .flatMap((word) => /^([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=|$)/.exec(word)?.[1] ?? [])
      .filter((name) => !isRead(name)),
  );
  expect(unknown).toEqual([]);
});

test('each npm script exists', () => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(read('package.json'));
  const unknown = complaints(({ text }) =>
    [...text.matchAll(/npm run ([\w:-]+)/g)].map((match) => String(match[1])).filter((name) => !(name in scripts)),
  );
  expect(unknown).toEqual([]);
});

test('each command and option of the command line exists', () => {
  expect(complaints(({ code }) => commandsIn(code).flatMap(wrongCommand))).toEqual([]);
});

/** `npm run quittance -- …`, the compiled program, or `quittance …`, as words. */
function commandsIn(code: readonly string[]): string[][] {
  const starts = /(?:npm run quittance -- |dist\/src\/cli\/main\.js |^quittance )([^`|<…]+)/;
  return code.flatMap((text) => {
    const said = starts
      .exec(text)?.[1]
      ?.replace(/"[^"]*"/g, 'text')
      .trim();
    return said ? [said.split(/\s+/)] : [];
  });
}

function wrongCommand(words: readonly string[]): string[] {
  const [first = '', second = ''] = words.filter((word) => !word.startsWith('-'));
  if (first === '') return words.filter((word) => !helpOf([]).includes(word));
  if (!subcommandsOf([]).includes(first)) return [words.join(' ')];
  const below = subcommandsOf([first]);
  if (below.length > 0 && !below.includes(second)) return [words.join(' ')];
  const help = helpOf(below.length > 0 ? [first, second] : [first]);
  return words.filter((word) => word.startsWith('--') && !help.includes(word)).map((word) => `${first} ${word}`);
}

test('each address of the api is on its site map', () => {
  const ofV1 = read('src/api/v1/describing.ts').matchAll(/router\.get\('(\/[\w.]+)'/g);
  const below = [...rooms.map(({ path }) => `/console${path}`), ...[...ofV1].map(([, page]) => `/v1${page}`)];
  const siteMap = `${read('src/api/app.ts')} ${below.map((path) => `'${path}'`).join(' ')}`;
  const ofOthers = /^\/(v1\/events|var\/)/;
  const unknown = complaints(({ code }) =>
    code.filter((text) => /^\/[a-z][\w/]*$/.test(text) && !ofOthers.test(text) && !siteMap.includes(`'${text}'`)),
  );
  expect(unknown).toEqual([]);
});

test('each table and metric exists', () => {
  const migrations = sources('db/migrations/*.ts');
  const metrics = sources('src/api/metrics.ts');
  const ofNode = /^quittance_(process|nodejs)_/;
  const unknown = complaints(({ text, code }) => [
    ...[...text.matchAll(/\btables? `(\w+)`/g)]
      .map((match) => String(match[1]))
      .filter((name) => !migrations.includes(`CREATE TABLE ${name} (`)),
    ...code.filter(
      (name) =>
        /^quittance_\w+$/.test(name) && !metrics.includes(`'${name.replace('quittance_', '')}'`) && !ofNode.test(name),
    ),
  ]);
  expect(unknown).toEqual([]);
});

test('nothing secret, and no place of one machine, stands in a document', () => {
  const found = complaints(
    ({ text }) => text.match(/\b(sk|rk)_live_\w{8,}|whsec_[A-Za-z0-9]{16,}|\/(home|root|Users)\/\w+/g) ?? [],
  );
  expect(found).toEqual([]);
});
