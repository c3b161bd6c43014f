import type { VNode } from 'preact';

/** Ids become links to the room where they are shown; ids of other kinds stay text. */
const ROOMS: readonly (readonly [RegExp, string])[] = [
  [/^(pi|re|pyr|du|dp)_\w+$/, '/console/payments/'],
  [/^evt_\w+$/, '/console/events/'],
  [/^inv_[a-z0-9]{16}$/, '/console/invoices/'],
  [/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, '/console/messages/'],
];

export function SubjectLink({ id }: { readonly id: string }): VNode {
  const room = ROOMS.find(([pattern]) => pattern.test(id));
  return room ? (
    <a href={`${room[1]}${id}`}>
      <code>{id}</code>
    </a>
  ) : (
    <code>{id}</code>
  );
}

export function PaymentLink({ id }: { readonly id: string | null }): VNode {
  return id ? <SubjectLink id={id} /> : <span>–</span>;
}
