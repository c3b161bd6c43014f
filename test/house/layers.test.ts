import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { checkout, cleanEnvironment } from '../../bin/lib/checkout.ts';

/** Imports point one way: api, workers, cli → views → billing → messages → stripe, jobs → platform; the simulator alone. */

type Case = readonly [file: string, imported: string];

const refused: readonly Case[] = [
  ['src/platform/a.ts', '../stripe/client.ts'],
  ['src/platform/a.ts', '../billing/deps.ts'],
  ['src/platform/a.ts', '../jobs/queues.ts'],
  ['src/platform/a.ts', '../api/app.ts'],
  ['src/jobs/a.ts', '../billing/stripe-events.ts'],
  ['src/jobs/a.ts', '../workers/main.ts'],
  ['src/stripe/a.ts', '../billing/deps.ts'],
  ['src/stripe/a.ts', '../views/page.tsx'],
  ['src/stripe/a.ts', 'express'],
  ['src/billing/a.ts', '../api/app.ts'],
  ['src/billing/stripe-invoices/a.ts', '../../workers/sweeper.ts'],
  ['src/billing/stripe-invoices/a.ts', '../../cli/trace.ts'],
  ['src/billing/a.ts', 'express'],
  ['src/billing/a.ts', 'bullmq'],
  ['src/views/a.tsx', '../api/app.ts'],
  ['src/views/a.tsx', 'express'],
  ['src/messages/a.ts', 'bullmq'],
  ['src/messages/a.ts', '../workers/main.ts'],
  ['src/messages/a.ts', '../billing/deps/deps.ts'],
  ['src/messages/a.ts', '../views/page.tsx'],
  ['src/billing/letters/a.ts', '../../views/mails/mail-of.tsx'],
  ['src/api/a.ts', '../../simulator/simulator.ts'],
  ['src/workers/a.ts', '../../simulator/simulator.ts'],
  ['src/cli/a.ts', '../../simulator/core/ids.ts'],
  ['src/billing/a.ts', '../../simulator/simulator.ts'],
  ['src/stripe/a.ts', '../../simulator/simulator.ts'],
  ['src/platform/a.ts', '../../simulator/simulator.ts'],
  ['simulator/payments/a.ts', '../../src/platform/money.ts'],
  ['simulator/a.ts', '../src/stripe/signature.ts'],
  ['examples/express-gate/a.ts', '../../src/platform/money.ts'],
  ['examples/express-gate/a.ts', '../../simulator/core/ids.ts'],
];

const allowed: readonly Case[] = [
  ['src/platform/a.ts', './log.ts'],
  ['src/platform/a.ts', 'ioredis'],
  ['src/jobs/a.ts', '../platform/config.ts'],
  ['src/jobs/a.ts', 'bullmq'],
  ['examples/express-gate/a.ts', 'express'],
  ['src/stripe/a.ts', '../platform/db.ts'],
  ['src/billing/stripe-invoices/a.ts', '../../stripe/payment.ts'],
  ['src/billing/a.ts', '../jobs/queues.ts'],
  ['src/billing/letters/a.ts', '../../messages/letter.ts'],
  ['src/views/a.tsx', '../platform/money.ts'],
  ['src/views/mails/a.tsx', '../../platform/words.ts'],
  ['src/api/a.ts', '../billing/admins.ts'],
  ['src/api/a.ts', 'express'],
  ['src/workers/a.ts', '../billing/stripe-events.ts'],
  ['src/workers/a.ts', 'bullmq'],
  ['src/cli/a.ts', '../billing/retry-policy.ts'],
  ['simulator/payments/a.ts', '../core/ids.ts'],
];

const report = z.looseObject({
  diagnostics: z.array(z.looseObject({ category: z.string(), location: z.looseObject({ path: z.string() }) })),
});

const folder = mkdtempSync(join(tmpdir(), 'quittance-layers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const forms: Readonly<Record<string, (imported: string) => string>> = {
  import: (imported) => `import { x } from '${imported}';\nexport const y = x;\n`,
  'import type': (imported) => `import type { X } from '${imported}';\nexport type Y = X;\n`,
  export: (imported) => `export { x } from '${imported}';\n`,
};

/** One file per case and form in a folder with our biome.json, and one run over all: the complaints by file. */
function complaints(): Set<string> {
  cpSync(join(checkout, 'biome.json'), join(folder, 'biome.json'));
  for (const needed of ['.gitignore', 'bin/lib/one-clock.grit']) cpSync(join(checkout, needed), join(folder, needed));
  for (const [position, [file, imported]] of [...refused, ...allowed].entries()) {
    for (const [form, code] of Object.entries(forms)) {
      const path = join(folder, fileOf(position, file, form));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, code(imported));
    }
  }
  const biome = join(checkout, 'node_modules/.bin/biome');
  const words = ['lint', '--only=style/noRestrictedImports', '--reporter=json', '--max-diagnostics=none', '.'];
  const { stdout, stderr } = spawnSync(biome, words, { cwd: folder, env: cleanEnvironment(), encoding: 'utf8' });
  const start = stdout.indexOf('{');
  if (start < 0) throw new Error(`biome gave no report: ${stderr}`);
  const { diagnostics } = report.parse(JSON.parse(stdout.slice(start)));
  return new Set(diagnostics.filter(({ category }) => category.endsWith('noRestrictedImports')).map(pathOf));
}

function pathOf({ location }: { location: { path: string } }): string {
  return location.path.replace(`${folder}/`, '').replace(/^\.\//, '');
}

function fileOf(position: number, file: string, form: string): string {
  return file.replace(/a(\.tsx?)$/, `case-${position}-${form.replace(' ', '-')}$1`);
}

const found = complaints();

const complaintsAbout = (file: string, position: number) =>
  Object.keys(forms).filter((form) => found.has(fileOf(position, file, form)));

test.each(refused.map((pair, position) => [...pair, position] as const))(
  '%s must not reach %s, in whatever form',
  (file, _imported, position) => {
    expect(complaintsAbout(file, position)).toEqual(Object.keys(forms));
  },
);

test.each(allowed.map((pair, position) => [...pair, refused.length + position] as const))(
  '%s may reach %s',
  (file, _imported, position) => {
    expect(complaintsAbout(file, position)).toEqual([]);
  },
);
