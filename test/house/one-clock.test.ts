import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkout, cleanEnvironment } from '../../bin/lib/checkout.ts';

/** Billing has one clock, in Deps; the lint step knows (bin/lib/one-clock.grit). */
const folder = mkdtempSync(join(tmpdir(), 'quittance-clock-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function complaintsAbout(file: string, code: string): number {
  for (const needed of ['biome.json', '.gitignore', 'bin/lib/one-clock.grit']) {
    cpSync(join(checkout, needed), join(folder, needed));
  }
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `export const x = () => ${code};\n`);
  const words = ['lint', '--reporter=summary', file];
  const { stdout, stderr } = spawnSync(join(checkout, 'node_modules/.bin/biome'), words, {
    cwd: folder,
    env: cleanEnvironment(),
    encoding: 'utf8',
  });
  return `${stdout}${stderr}`.match(/^\s*plugin\s.*$/m) ? 1 : 0;
}

test.each([
  ['src/billing/own-invoices/a.ts', 'new Date()', 1],
  ['src/billing/a.ts', 'Date.now()', 1],
  ['src/billing/a.ts', 'performance.now()', 1],
  ['src/billing/a.ts', 'new Date(5)', 0],
  ['src/stripe/a.ts', 'Date.now()', 0],
  ['test/billing/a.ts', 'new Date()', 0],
])('in %s %s: %i complaints', (file, code, complaints) => {
  expect(complaintsAbout(file, code)).toBe(complaints);
});
