import { z } from 'zod';
import { openDeps } from '../../src/billing/open-deps.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { createLog } from '../../src/platform/log.ts';
import { crashPlan } from './crash-plan.ts';
import { runPlanned } from './crash-preload.ts';
import { doDeed, isDeedName } from './managed-deeds.ts';

/**
 * Many operators at once, in one process: each does about his subscription what DOING says, is stopped at the point that
 * CRASH_PLAN names, and then the process kills itself.
 */
const plan = crashPlan(process.env.CRASH_PLAN);
const doing = z.record(z.string(), z.string().refine(isDeedName)).parse(JSON.parse(process.env.DOING ?? '{}'));
// Who is stopped in the middle of a transaction keeps its connection.
const { deps } = openDeps(loadConfig(), { name: 'test', connections: plan.size + 2 }, createLog('error'));
for (const [subscription, crash] of plan) {
  const name = doing[subscription];
  if (name) void runPlanned(subscription, crash, () => doDeed(subscription, name, deps));
}
