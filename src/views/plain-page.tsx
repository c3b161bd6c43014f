import type { VNode } from 'preact';
import { Page } from './page.tsx';

/** A page that says one thing. */
export interface PlainPageProps {
  readonly title: string;
  readonly sentence: string;
  readonly link?: { readonly href: string; readonly text: string };
}

export function PlainPage({ title, sentence, link }: PlainPageProps): VNode {
  return (
    <Page title={title} site="">
      <main class="narrow">
        <h1>{title}</h1>
        <p>{sentence}</p>
        {link ? (
          <p>
            <a href={link.href}>{link.text}</a>
          </p>
        ) : null}
      </main>
    </Page>
  );
}

/** For every invoice link that leads nowhere, whatever the reason: the same to the byte. */
export const noSuchPage = (
  <PlainPage
    title="Page not found"
    sentence="There is nothing at this address. If you followed a link to an invoice, please ask its sender for the current one."
  />
);
