import type { VNode } from 'preact';
import { addressIn } from '../frame/room.ts';
import { accessOf } from './access-of.tsx';

/** Who somebody is in the application; leads to what he may use. */
export function Reference({ reference }: { readonly reference: string | null }): VNode {
  return reference === null ? <span>–</span> : <a href={addressIn(accessOf.path, reference)}>{reference}</a>;
}
