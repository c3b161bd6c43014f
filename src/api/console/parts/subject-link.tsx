import type { VNode } from 'preact';
import { useContext } from 'preact/hooks';
import { PlaceContext } from './place.ts';

/** Ids become links to the room where they are shown; ids of other kinds stay text. */
export function SubjectLink({ id, text }: { readonly id: string; readonly text?: string }): VNode {
  const address = useContext(PlaceContext).addressOf(id);
  const shown = text === undefined ? <code>{id}</code> : <span class="text">{text}</span>;
  return address ? <a href={address}>{shown}</a> : shown;
}

export function PaymentLink({ id }: { readonly id: string | null }): VNode {
  return id ? <SubjectLink id={id} /> : <span>–</span>;
}
