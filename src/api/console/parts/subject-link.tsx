import type { VNode } from 'preact';
import { useContext } from 'preact/hooks';
import { PlaceContext } from './place.ts';

/** Ids become links to the room where they are shown; ids of other kinds stay text. */
export function SubjectLink({ id }: { readonly id: string }): VNode {
  const address = useContext(PlaceContext).addressOf(id);
  return address ? (
    <a href={address}>
      <code>{id}</code>
    </a>
  ) : (
    <code>{id}</code>
  );
}

export function PaymentLink({ id }: { readonly id: string | null }): VNode {
  return id ? <SubjectLink id={id} /> : <span>–</span>;
}
