import type { VNode } from 'preact';
import type { Standing } from '../../../billing/subscriptions/standing.ts';
import { STANDING_WORDS } from '../../../billing/subscriptions/standing-words.ts';

const TONES = { none: 'quiet', trialing: 'busy', active: 'good', past_due: 'bad', canceled: 'quiet' } as const;

export function StandingChip({ status }: Pick<Standing, 'status'>): VNode {
  return <span class={`chip ${TONES[status]}`}>{STANDING_WORDS[status]}</span>;
}
