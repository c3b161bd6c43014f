import type { Deps } from '../deps/deps.ts';
import type { Preview } from './preview.ts';
import { needLive, quoteFor } from './quote.ts';
import type { WantedChange } from './wanted-change.ts';

/**
 * What a change of plan, price or quantity costs, as Stripe says it. Nothing is changed.
 * @throws Refused that says what to do instead; InvalidInput that names the field
 */
export async function previewChange(
  id: string,
  wanted: WantedChange,
  deps: Pick<Deps, 'stripe' | 'livemode' | 'policy'>,
): Promise<Preview> {
  return (await quoteFor(await needLive(id, deps), wanted, null, deps)).preview;
}
