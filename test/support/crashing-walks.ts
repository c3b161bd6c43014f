import { walkSessions } from '../../src/billing/checkouts/follow-sessions.ts';
import { openDeps } from '../../src/billing/open-deps.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { createLog } from '../../src/platform/log.ts';
import { crashPlan } from './crash-plan.ts';
import { runPlanned } from './crash-preload.ts';

/**
 * Walks through Stripe's list, one in each database that CRASH_PLAN names: two pages. Each is stopped at its point, and then the
 * process kills itself.
 */
for (const [url, crash] of crashPlan(process.env.CRASH_PLAN)) {
  const config = loadConfig({ ...process.env, DATABASE_URL: url });
  const { deps } = openDeps(config, { name: 'test', connections: 2 }, createLog('error'));
  void runPlanned(url, crash, async () => {
    await walkSessions(deps);
    await walkSessions(deps);
  });
}
