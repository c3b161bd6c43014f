import type { VNode } from 'preact';
import { useContext } from 'preact/hooks';
import { dayIn } from '../../../platform/business-day.ts';
import { PlaceContext } from './place.ts';

/** By the days of the business: `2026-03-01 – 2026-04-01`. */
export function Period({ from, to }: { readonly from: Date; readonly to: Date }): VNode {
  const { timeZone } = useContext(PlaceContext);
  return (
    <span class="nowrap">
      <time datetime={from.toISOString()}>{dayIn(timeZone, from)}</time> –{' '}
      <time datetime={to.toISOString()}>{dayIn(timeZone, to)}</time>
    </span>
  );
}
