import type { VNode } from 'preact';
import { When } from './facts.tsx';

export interface UntilProps {
  /** Null: it has no end. */
  readonly until: Date | null;
  /** Until when it is kept in grace. */
  readonly grace: Date | null;
  /** Until when it is kept while what follows is on its way. */
  readonly bridged?: Date | null;
}

/** When something that may be used ends. */
export function Until({ until, grace, bridged = null }: UntilProps): VNode {
  if (until === null) return <span>no end</span>;
  return (
    <span>
      <When at={until} />
      {grace ? (
        <>
          {' '}
          (kept in grace until <When at={grace} />)
        </>
      ) : null}
      {bridged ? (
        <>
          {' '}
          (until <When at={bridged} /> while the next payment is on its way)
        </>
      ) : null}
    </span>
  );
}
