import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkout } from '../../bin/lib/checkout.ts';

type Locked = {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  inBundle?: boolean;
  optionalDependencies?: Record<string, string>;
};
type Versions = Record<string, string>;

const read = (file: string) => JSON.parse(readFileSync(join(checkout, file), 'utf8'));
const lock: { packages: Record<string, Locked> } = read('package-lock.json');
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');

/**
 * npm writes no entry for an optional package that its registry does not have (a mirror may lack those of other
 * platforms), and then `npm ci` refuses the lock file everywhere: "Missing: … from lock file".
 */
test('the lock file has an entry for every optional package of every platform, or npm ci refuses it', () => {
  const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) =>
      [`node_modules/${name}`, `${path}/node_modules/${name}`].every((place) => lock.packages[place] === undefined),
    ),
  );
  expect(missing).toEqual([]);
});

/** One without is installed as it comes, whoever sent it. */
test('every package has the checksum of its archive: a SHA-512', () => {
  expect(packages.length).toBeGreaterThan(300);
  const without = packages.filter(([, { integrity = '' }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity));
  expect(without.map(([path]) => path)).toEqual([]);
});

/** npm asks the registry that it is set to, and its checksum decides; an address comes with a folder, a Git repository, a mirror. */
test('no package says where it comes from, and none is a folder or within another package', () => {
  const elsewhere = packages.filter(
    ([, { version = '', resolved, link, inBundle }]) =>
      resolved !== undefined || link || inBundle || !/^\d+\.\d+\.\d+/.test(version),
  );
  expect(elsewhere.map(([path]) => path)).toEqual([]);
});

test('versions are exact', () => {
  const { dependencies, devDependencies, optionalDependencies } = read('package.json') as Record<string, Versions>;
  const asked = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
  // Types of Node follow the major of the engine; the lock file holds the rest of the number.
  const vague = asked.filter(([name, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version) && name !== '@types/node');
  expect(vague).toEqual([]);
});
