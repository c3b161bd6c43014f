import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Refuses to connect to addresses inside: whoever may enter a webhook URL must not reach the database or the cloud's
 * metadata service with it. The check is made on the address that is then connected to, so a name that answers differently
 * the second time gains nothing.
 */
export class PrivateAddress extends Error {
  override readonly name = 'PrivateAddress';
}

export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return parsed.range() === 'unicast';
}

/** A `lookup` for http.request that only answers with public addresses. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 4);
    const inside = addresses.find(({ address }) => !isPublicAddress(address));
    const [first] = addresses;
    if (inside || !first) {
      return callback(
        new PrivateAddress(`${hostname} is ${inside?.address ?? 'nowhere'}: private addresses are refused`),
        '',
        4,
      );
    }
    if (options.all) return callback(null, addresses);
    callback(null, first.address, first.family);
  });
};
