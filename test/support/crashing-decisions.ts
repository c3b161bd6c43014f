import { openDeps } from '../../src/billing/open-deps.ts';
import { decideReview } from '../../src/billing/questions.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { createLog } from '../../src/platform/log.ts';
import { crashPlan } from './crash-plan.ts';
import { runPlanned } from './crash-preload.ts';

/**
 * Many people decide at once, in one process: CHOICE on each question that CRASH_PLAN names. Each is stopped at its point,
 * and then the process kills itself.
 */
const plan = crashPlan(process.env.CRASH_PLAN);
// Who is stopped in the middle of a transaction keeps its connection.
const { deps } = openDeps(loadConfig(), { name: 'test', connections: plan.size + 2 }, createLog('error'));
const decision = { choice: process.env.CHOICE ?? '', actor: 'test', reason: 'the customer was paid in cash' };
for (const [item, crash] of plan) void runPlanned(item, crash, () => decideReview(Number(item), decision, deps));
