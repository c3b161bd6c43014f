import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkout } from '../../bin/lib/checkout.ts';

type Locked = { version?: string; optionalDependencies?: Record<string, string> };

/**
 * npm writes no entry for an optional package that its registry does not have (a mirror may lack those of other
 * platforms), and then `npm ci` refuses the lock file everywhere: "Missing: … from lock file".
 */
test('the lock file has an entry for every optional package of every platform, or npm ci refuses it', () => {
  const lock: { packages: Record<string, Locked> } = JSON.parse(
    readFileSync(join(checkout, 'package-lock.json'), 'utf8'),
  );
  const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) =>
      [`node_modules/${name}`, `${path}/node_modules/${name}`].every((place) => lock.packages[place] === undefined),
    ),
  );
  expect(missing).toEqual([]);
});
