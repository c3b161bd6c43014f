import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { releaseAfterFile } from './clean-up.ts';

/** @returns the path of a policy file that says this, for `POLICY` */
export function policyFile(policy: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'quittance-policy-'));
  releaseAfterFile(async () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'policy.json');
  writeFileSync(path, JSON.stringify(policy));
  return path;
}
