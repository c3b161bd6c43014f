import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { answerOf, quittance } from '../support/command.ts';

/** `policy`: what holds, without anything that would be needed to work. */
const folder = mkdtempSync(join(tmpdir(), 'policy-'));
afterAll(() => rmSync(folder, { recursive: true }));
function file(content: object): string {
  const path = join(folder, 'policy.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}
const attach = { invoicing: { settlement: 'attach' } };

test('without a file it shows the defaults, and of the variables where they go', async () => {
  expect(await answerOf(['policy'], {})).toMatch(/"settlement": "out_of_band"[\s\S]*\nPolicy [0-9a-f]{16}\.\n$/);
  const said = await answerOf(['policy'], { ADJUSTMENTS: 'off' });
  expect(said).toMatch(/^Warning: ADJUSTMENTS moves into the policy file as adjustments\.credit_notes; /);
  expect(said).toContain('"credit_notes": false');
});

test('a file is shown with what it leaves out, whether it is in use or only to be looked at', async () => {
  const path = file(attach);
  for (const said of [await answerOf(['policy'], { POLICY: path }), await answerOf(['policy', path], {})]) {
    expect(said).toContain('"settlement": "attach"');
    expect(said).toContain('"own_payments": true');
  }
});

test('a file that is not usable is told with its errors', async () => {
  const { code, stderr } = await quittance(['policy', file({ invoicing: { settlement: 'both' }, refunds: {} })], {});
  expect(code).toBe(2);
  expect(stderr).toContain('must be out_of_band or attach');
  expect(stderr).toContain('invoicing.settlement');
  expect(stderr).toContain('refunds');
});

test('a variable that is wrong is named', async () => {
  const { code, stderr } = await quittance(['policy'], { SETTLEMENT: 'both' });
  expect([code, stderr]).toEqual([2, 'The configuration is not usable:\n  SETTLEMENT must be out_of_band or attach\n']);
});
