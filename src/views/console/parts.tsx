import { type ComponentChildren, createContext, type VNode } from 'preact';
import { useContext } from 'preact/hooks';
import { minuteWithZone } from '../../platform/figures.ts';
import type { Page } from '../../platform/pages.ts';

/** Small things that the rooms of the console share. */

/** The time zone of the business, for every moment that a page of the console shows. */
export const TimeZone = createContext('UTC');

export function When({ at }: { readonly at: Date }): VNode {
  const timeZone = useContext(TimeZone);
  return (
    <time datetime={at.toISOString()} class="nowrap">
      {minuteWithZone(at, timeZone)}
    </time>
  );
}

/** Names and values under each other. Facts without a value are left out. */
export interface FactProps {
  readonly name: string;
  readonly children: ComponentChildren;
}

export function Fact({ name, children }: FactProps): VNode | null {
  if (children === null || children === undefined || children === '') return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export interface TableProps {
  /** For those who can't see the heading above it. */
  readonly caption: string;
  readonly columns: readonly string[];
  /** Of columns that hold amounts or counts. */
  readonly numbers?: readonly string[];
  /** Said instead of an empty table. */
  readonly empty: string;
  readonly rows: readonly { readonly key: string; readonly cells: readonly ComponentChildren[] }[];
}

/** On a narrow screen each row becomes a card in which every value stands beside its column's name. */
export function Table({ caption, columns, numbers = [], empty, rows }: TableProps): VNode {
  if (rows.length === 0) return <p class="hint">{empty}</p>;
  const style = (column: string | undefined) => (column && numbers.includes(column) ? 'number' : undefined);
  return (
    <table class="list">
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col" class={style(column)}>
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, cells }) => (
          <tr key={key}>
            {cells.map((cell, position) => (
              <td key={columns[position]} class={style(columns[position])} data-column={columns[position]}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export interface TabsProps {
  readonly label: string;
  /** Value in the address → what it says. */
  readonly tabs: Readonly<Record<string, string>>;
  readonly current: string;
  readonly href: (value: string) => string;
}

export function Tabs({ label, tabs, current, href }: TabsProps): VNode {
  return (
    <nav class="tabs" aria-label={label}>
      {Object.entries(tabs).map(([value, text]) => (
        <a key={value} href={href(value)} {...(value === current ? { 'aria-current': 'true' as const } : {})}>
          {text}
        </a>
      ))}
    </nav>
  );
}

export interface PagesProps {
  readonly page: Page<{ readonly id: string | number }>;
  /** What the address says of the page; empty for the first. */
  readonly href: (place: { readonly after?: string; readonly before?: string }) => string;
  readonly oldestFirst?: boolean;
}

/** Links to the pages beside this one. One that has lost its rows meanwhile still leads to the beginning. */
export function Pages({ page, href, oldestFirst = false }: PagesProps): VNode | null {
  const { rows, hasBefore, hasAfter } = page;
  const [start, back, on] = oldestFirst ? ['Oldest', 'Older', 'Newer'] : ['Newest', 'Newer', 'Older'];
  const [first, last] = [rows[0], rows.at(-1)];
  if (!hasBefore && !hasAfter) return null;
  return (
    <nav class="pages" aria-label="Pages">
      {hasBefore ? <a href={href({})}>{start}</a> : null}
      {hasBefore && first ? (
        <a rel="prev" href={href({ before: String(first.id) })}>
          {back}
        </a>
      ) : null}
      {hasAfter && last ? (
        <a rel="next" href={href({ after: String(last.id) })}>
          {on}
        </a>
      ) : null}
    </nav>
  );
}

export interface ReasonFormProps {
  readonly summary: string;
  readonly action: string;
  /** What will happen. */
  readonly effect: string;
  readonly button: string;
  readonly danger?: boolean;
  /** Sent along, by name: what the page was made from. */
  readonly hidden?: Readonly<Record<string, string | number>>;
}

/** An action that asks why; folded away until it is wanted. */
export function ReasonForm({ summary, action, effect, button, danger = false, hidden = {} }: ReasonFormProps): VNode {
  return (
    <details class="action">
      <summary>{summary}</summary>
      <form method="post" action={action}>
        {Object.entries(hidden).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <p>{effect}</p>
        <label>
          Reason
          <input name="reason" required maxlength={500} autocomplete="off" />
        </label>
        <button type="submit" class={danger ? 'danger' : undefined}>
          {button}
        </button>
      </form>
    </details>
  );
}
