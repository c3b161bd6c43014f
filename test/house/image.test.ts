import { existsSync, globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkout } from '../../bin/lib/checkout.ts';
import { imageEnv, inFinalStage, stages } from './deployment-files.ts';

/** The Dockerfile fits the packages and the sources. */

const read = (file: string) => readFileSync(join(checkout, file), 'utf8');
const packageJson: { engines: { node: string }; dependencies: Record<string, string> } = JSON.parse(
  read('package.json'),
);

test('the image runs the Node that the packages are tested with, not as root, without npm in between', () => {
  const [major] = /\d+/.exec(packageJson.engines.node) ?? [];
  for (const stage of stages) expect(stage[0]?.rest).toMatch(new RegExp(`^node:${major}-slim( |$)`));
  expect(inFinalStage('USER')).toEqual(['1000:1000']);
  expect(imageEnv.NODE_ENV).toBe('production');
  expect(JSON.parse(inFinalStage('HEALTHCHECK')[0]?.replace(/^.*? CMD /, '') ?? '')).toHaveLength(3);
});

test('what the Dockerfile copies is there, and .dockerignore lets it through', () => {
  const let_ = read('.dockerignore')
    .split('\n')
    .filter((entry) => entry.startsWith('!'));
  const copied = stages
    .flat()
    .flatMap(({ word, rest }) => (word === 'COPY' && !rest.startsWith('--from') ? rest.split(' ').slice(0, -1) : []));
  for (const path of copied) {
    expect(existsSync(join(checkout, path)), path).toBe(true);
    expect(let_).toContain(`!${path}`);
  }
  expect(let_.map((entry) => entry.slice(1)).filter((path) => !copied.includes(path))).toEqual([]);
});

test('the packages that the final stage installs are all that the compiled programs import', () => {
  const imported = new Set<string>();
  for (const file of globSync('dist/{src,db}/**/*.js', { cwd: checkout })) {
    const code = read(file);
    // Also whose files are served as they are: found by `resolve`, not imported.
    for (const match of code.matchAll(/(?:from|import|\.resolve\()\s*\(?\s*['"]([^'".][^'"]*)['"]/g)) {
      const [first = '', second = ''] = String(match[1]).split('/');
      imported.add(first.startsWith('@') ? `${first}/${second}` : first);
    }
  }
  expect(imported.size).toBeGreaterThan(10);
  expect(imported).toContain('swagger-ui-dist');
  const builtin = (name: string) => name.startsWith('node:') || builtinModules.includes(name);
  expect([...imported].filter((name) => !builtin(name) && !(name in packageJson.dependencies))).toEqual([]);
});
