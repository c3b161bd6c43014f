import type { ComponentChildren, VNode } from 'preact';
import { useContext } from 'preact/hooks';
import { PlaceContext } from './place.ts';

export interface ReasonFormProps {
  readonly summary: string;
  /** Of this room. */
  readonly form: { readonly path: string };
  /** What will happen. */
  readonly effect: string;
  readonly button: string;
  readonly danger?: boolean;
  /** Sent along, by name: what the page was made from. */
  readonly hidden?: Readonly<Record<string, string | number>>;
  /** What is asked besides, above the reason. */
  readonly children?: ComponentChildren;
}

/** An action that asks why; folded away until it is wanted. */
export function ReasonForm(props: ReasonFormProps): VNode {
  const { summary, form, effect, button, danger = false, hidden = {}, children } = props;
  const { address, sent } = useContext(PlaceContext);
  // Of several forms of one kind on a page it is the one that was made from the same.
  const isSent = ([name, value]: [string, string | number]) => sent?.text(name) === String(value);
  const returned = sent?.path === form.path && Object.entries(hidden).every(isSent) ? sent : undefined;
  return (
    <details class="action" open={returned !== undefined}>
      <summary>{summary}</summary>
      <form method="post" action={`${address}${form.path}`}>
        {Object.entries(hidden).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <p>{effect}</p>
        {children}
        <label>
          Reason
          <input name="reason" value={returned?.text('reason')} required maxlength={500} autocomplete="off" />
        </label>
        <button type="submit" class={danger ? 'danger' : undefined}>
          {button}
        </button>
      </form>
    </details>
  );
}
