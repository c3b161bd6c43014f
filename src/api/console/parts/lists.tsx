import type { VNode } from 'preact';
import type { Page } from '../../../platform/pages.ts';

/** Ways through a list: by kind, and from page to page. */

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
