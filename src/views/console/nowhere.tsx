import type { VNode } from 'preact';
import { ConsolePage, type Visit } from './console-page.tsx';

/** For addresses of the console that lead to nothing, and for what a viewer may not do. */
export function Nowhere({ visit, sentence }: { readonly visit: Visit; readonly sentence: string }): VNode {
  return (
    <ConsolePage visit={visit} title="Nothing to see here">
      <p>{sentence}</p>
    </ConsolePage>
  );
}
