import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkout } from '../../bin/lib/checkout.ts';
import { ofMoney } from './pitfalls/money.ts';
import type { Pitfall } from './pitfalls/pitfall.ts';
import { ofPlans } from './pitfalls/plans.ts';
import { ofShapes } from './pitfalls/shapes.ts';

/** Each known pitfall of subscriptions has its test: the file is there, and has a test or a row of that title. */
const all = Object.entries({ ...ofPlans, ...ofMoney, ...ofShapes });
const COUNT = 45;

test(`all ${COUNT} are on the list`, () => {
  expect(all.map(([number]) => Number(number))).toEqual(Array.from({ length: COUNT }, (_, at) => at + 1));
});

test.each(all.map(([number, pitfall]) => [titleOf(number, pitfall), pitfall] as const))('%s', (_title, { tests }) => {
  expect(tests).not.toEqual([]);
  for (const [file, title] of tests) {
    const path = join(checkout, 'test', file);
    expect(existsSync(path), file).toBe(true);
    expect(readFileSync(path, 'utf8'), file).toContain(title);
  }
});

function titleOf(number: string, { what }: Pitfall): string {
  return `${number}: ${what}`;
}
