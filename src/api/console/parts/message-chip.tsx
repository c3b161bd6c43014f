import type { VNode } from 'preact';
import type { OutboxRow } from '../records/records.ts';

const TONES = { pending: 'busy', sent: 'good', dead: 'bad', skipped: 'quiet' } as const;
const STATES = { pending: 'on its way', sent: 'sent', dead: 'given up', skipped: 'skipped' } as const;

export function MessageChip({ state }: Pick<OutboxRow, 'state'>): VNode {
  return <span class={`chip ${TONES[state]}`}>{STATES[state]}</span>;
}
