import type { VNode } from 'preact';
import type { ListedCase } from '../../../billing/recovery/recovery-list.ts';

const TONES = { open: 'bad', recovered: 'good', ended: 'quiet' } as const;

export function CaseChip({ state, says }: Pick<ListedCase, 'state'> & { readonly says: string }): VNode {
  return <span class={`chip ${TONES[state]}`}>{says}</span>;
}
