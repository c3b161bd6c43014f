import type { VNode } from 'preact';
import type { InvoiceState } from './invoice-state.ts';
import { STATE_TONES, STATE_WORDS } from './state-words.ts';

export function StateChip({ state }: { readonly state: InvoiceState }): VNode {
  return <span class={`chip ${STATE_TONES[state]}`}>{STATE_WORDS[state]}</span>;
}
