import { loadPolicy } from '../billing/policy/load-policy.ts';
import { policyHash } from '../billing/policy/policy.ts';
import { policySettings } from '../platform/config.ts';
import type { Terminal } from './terminal.ts';

/** Shows what holds: the policy file, with what it leaves out. A file that is not usable is said with its errors. */
export async function showPolicy({ env, say, stdout }: Terminal, file: string | undefined): Promise<void> {
  const { policy, warnings } = loadPolicy(file === undefined ? policySettings(env) : { POLICY: file });
  for (const warning of warnings) say(`Warning: ${warning}.`);
  stdout.write(`${JSON.stringify(policy, null, 2)}\n`);
  say(`Policy ${policyHash(policy)}.`);
}
