import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ACCESS_LOGIC, accessPolicy } from './access.ts';
import { adjustmentsPolicy } from './adjustments.ts';
import { eligibilityRules, INVOICE_EVERYTHING } from './eligibility-rules.ts';
import { invoicingPolicy } from './invoicing.ts';
import { recoveryInFile } from './recovery.ts';

/** What the business wants: its rules, apart from addresses, keys, ports and limits. A feature joins with a file and a line. */
export const policySchema = z.strictObject({
  eligibility: eligibilityRules.default(INVOICE_EVERYTHING),
  invoicing: invoicingPolicy,
  adjustments: adjustmentsPolicy,
  access: accessPolicy,
  recovery: recoveryInFile,
});

export type Policy = z.output<typeof policySchema>;

/** Without a file. */
export const DEFAULT_POLICY: Policy = policySchema.parse({});

/** The same for the same policy and the same way to decide by it, however its file is written: what is derived by a policy is kept with it. */
export function policyHash(policy: Policy): string {
  return createHash('sha256')
    .update(JSON.stringify([ACCESS_LOGIC, policy]))
    .digest('hex')
    .slice(0, 16);
}
