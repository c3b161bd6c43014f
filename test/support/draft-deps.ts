import { sayingChanged } from '../../src/billing/agreement/bring-into-agreement.ts';
import { dependents } from '../../src/billing/dependents.ts';
import { DEFAULT_POLICY } from '../../src/billing/policy/policy.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { Db } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';

/** What issuing an invoice needs, on a database alone. A dependent that fails here is a failed test. */
export function draftDeps(db: Db, timeZone = 'UTC') {
  const log = createLog('error', { role: 'test' });
  return {
    db,
    timeZone,
    clock: systemClock,
    changed: sayingChanged({ dependents, log, timeZone, rules: DEFAULT_POLICY, policy: 'test' }),
  };
}
