import type { ComponentChildren, VNode } from 'preact';
import { render } from 'preact-render-to-string';

/** One page of the product: pure data in, HTML out. Text and attributes are escaped by preact. */
export interface PageProps {
  readonly title: string;
  readonly children: ComponentChildren;
}

export function Page({ title, children }: PageProps): VNode {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title} · Quittance</title>
        <link rel="stylesheet" href="/assets/quittance.css" />
      </head>
      <body>{children}</body>
    </html>
  );
}

export function html(page: VNode): string {
  return `<!doctype html>${render(page)}`;
}
