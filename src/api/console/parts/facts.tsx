import type { ComponentChildren, VNode } from 'preact';
import { useContext } from 'preact/hooks';
import { minuteWithZone } from '../../../platform/figures.ts';
import { PlaceContext } from './place.ts';

export function When({ at }: { readonly at: Date }): VNode {
  const timeZone = useContext(PlaceContext).timeZone;
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
