import { z } from 'zod';
import { openDeps } from '../../src/billing/open-deps.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { createLog } from '../../src/platform/log.ts';
import { checkoutDeed, doCheckout } from './checkout-deeds.ts';
import { crashPlan } from './crash-plan.ts';
import { runPlanned } from './crash-preload.ts';

/**
 * Many customers and operators at once, in one process: each does with his invoice what DOING says, is stopped at the point
 * that CRASH_PLAN names, and then the process kills itself.
 */
const plan = crashPlan(process.env.CRASH_PLAN);
const doing = z.record(z.string(), checkoutDeed).parse(JSON.parse(process.env.DOING ?? '{}'));
// Who is stopped in the middle of a transaction keeps its connection.
const { deps } = openDeps(loadConfig(), { name: 'test', connections: plan.size + 2 }, createLog('error'));
for (const [invoice, crash] of plan) {
  void runPlanned(invoice, crash, () => doCheckout(invoice, doing[invoice] ?? 'pay', deps));
}
