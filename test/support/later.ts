import type { Settings } from './processes.ts';
import type { SimulatedStripe } from './simulated-stripe.ts';

/** Stripe's clock goes on; whatever is started with this environment lives at that later time. */
export async function later({ control }: SimulatedStripe, seconds: number): Promise<Settings> {
  await control('POST', '/_sim/clock/advance', { seconds });
  return { NODE_OPTIONS: '--import=./test/support/clock-preload.ts', CLOCK_AHEAD_SECONDS: String(seconds) };
}
