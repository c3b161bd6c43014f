import type { ComponentChildren, VNode } from 'preact';
import { render } from 'preact-render-to-string';
import { styleSheetPath } from './style-sheet.ts';

/** One page of the product: pure data in, HTML out. Text and attributes are escaped by preact. */
export interface PageProps {
  readonly title: string;
  /** Whose page it is, after the title; on pages for customers the business; empty: nobody's. */
  readonly site?: string;
  readonly children: ComponentChildren;
}

export function Page({ title, site = 'Quittance', children }: PageProps): VNode {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{site ? `${title} · ${site}` : title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href={styleSheetPath} />
      </head>
      <body>{children}</body>
    </html>
  );
}

export function html(page: VNode): string {
  return `<!doctype html>${render(page)}`;
}
