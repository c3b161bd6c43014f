import { z } from 'zod';
import { confirmChange } from '../../src/billing/changes/confirm-change.ts';
import { openDeps } from '../../src/billing/open-deps.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { createLog } from '../../src/platform/log.ts';
import { by } from './changes.ts';
import { crashPlan } from './crash-plan.ts';
import { runPlanned } from './crash-preload.ts';

/**
 * Many customers at once, in one process: each confirms the change of his subscription that DOING says, is stopped at the point
 * that CRASH_PLAN names, and then the process kills itself.
 */
const confirmed = z.object({
  only: z.object({ price: z.string() }),
  when: z.enum(['now', 'period_end']),
  expected: z.object({ dueNow: z.number(), total: z.number() }),
  prorationDate: z.number().nullable(),
});
const plan = crashPlan(process.env.CRASH_PLAN);
const doing = z.record(z.string(), confirmed).parse(JSON.parse(process.env.DOING ?? '{}'));
// Who is stopped in the middle of a transaction keeps its connection.
const { deps } = openDeps(loadConfig(), { name: 'test', connections: plan.size + 2 }, createLog('error'));
for (const [id, crash] of plan) {
  const change = doing[id];
  if (change) void runPlanned(id, crash, () => confirmChange(id, change, by, deps));
}
