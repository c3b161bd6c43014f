import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { line } from '../../bin/lib/progress.ts';
import { control } from './at-stripe.ts';

/** Everything that has been told so far was answered: Stripe finalizes no draft before. */
export async function allTaken(simulator: string): Promise<void> {
  for (;;) {
    const answer = await control(simulator, 'POST', '/_sim/webhooks/flush', { timeout_ms: 10_000 });
    if (answer !== null && typeof answer === 'object' && 'pending' in answer && answer.pending === 0) return;
  }
}

/** And every event has its outcome. */
export async function allDone(simulator: string, client: pg.Client): Promise<void> {
  for (let told = performance.now(); ; await sleep(200)) {
    await allTaken(simulator);
    const { rows } = await client.query<{ waiting: number }>(
      'SELECT count(*)::int AS waiting FROM stripe_events WHERE outcome IS NULL',
    );
    const waiting = rows[0]?.waiting ?? 0;
    if (waiting === 0) return;
    if (performance.now() - told > 10_000) {
      line(`  ${waiting} events wait`);
      told = performance.now();
    }
  }
}
