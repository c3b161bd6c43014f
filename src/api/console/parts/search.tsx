import type { ComponentChildren, VNode } from 'preact';

/** A room that is looked through by a word, which its address then has as `q`. */
export interface SearchProps {
  /** Of the room: `/console/invoices`. */
  readonly action: string;
  /** What can be looked for. */
  readonly label: string;
  /** The same, where there is less room for it. */
  readonly placeholder?: string;
  readonly search: string;
  /** What the address says besides. */
  readonly kept?: Readonly<Record<string, string>>;
  /** Beside the button. */
  readonly children?: ComponentChildren;
}

/** Characters: a reference has no more. */
const LONGEST_SEARCH = 200;

export function searched({ query }: { readonly query: (name: string) => string }): string {
  return query('q').slice(0, LONGEST_SEARCH);
}

export function Search({ action, label, placeholder = label, search, kept = {}, children }: SearchProps): VNode {
  return (
    <form class="search" method="get" action={action}>
      {Object.entries(kept).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <label>
        <span class="unseen">{label}</span>
        <input type="search" name="q" value={search} placeholder={placeholder} maxlength={LONGEST_SEARCH} />
      </label>
      <button type="submit" class="quiet">
        Search
      </button>
      {children}
    </form>
  );
}
