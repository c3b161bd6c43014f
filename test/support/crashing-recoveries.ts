import { z } from 'zod';
import { openDeps } from '../../src/billing/open-deps.ts';
import { endSubscription } from '../../src/billing/recovery/end-at-stripe.ts';
import { lookForRetry } from '../../src/billing/recovery/retry-case.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { createLog } from '../../src/platform/log.ts';
import { crashPlan } from './crash-plan.ts';
import { runPlanned } from './crash-preload.ts';

/**
 * Many cases at once, in one process: each is looked at, or its subscription ended, is stopped at the point that CRASH_PLAN names,
 * and then the process kills itself.
 */
const plan = crashPlan(process.env.CRASH_PLAN);
const doing = z.record(z.string(), z.enum(['retry', 'end'])).parse(JSON.parse(process.env.DOING ?? '{}'));
// Who is stopped in the middle of a transaction keeps its connection.
const { deps } = openDeps(loadConfig(), { name: 'test', connections: plan.size + 2 }, createLog('error'));
for (const [invoice, crash] of plan) {
  const deed = doing[invoice] === 'end' ? endSubscription : lookForRetry;
  void runPlanned(invoice, crash, () => deed(invoice, deps));
}
