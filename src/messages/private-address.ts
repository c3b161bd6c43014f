import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Refuses to connect to addresses inside: whoever may enter a webhook URL must not reach the database or the cloud's
 * metadata service with it. The check is made on the address that is then connected to, so a name that answers differently
 * the second time gains nothing.
 */
export class PrivateAddress extends Error {
  override readonly name = 'PrivateAddress';
}

/** All that IANA has given out for public use in IPv6; the rest of the space is none of ours. */
const PUBLIC_IPV6 = ipaddr.parseCIDR('2000::/3');

export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  // ::ffff:10.0.0.1 is 10.0.0.1
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || parsed.match(PUBLIC_IPV6);
}

/** A `lookup` for http.request that only answers with public addresses. One inside is enough to refuse the name. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 4);
    const inside = addresses.find(({ address }) => !isPublicAddress(address));
    const [first] = addresses;
    if (inside || !first) {
      return callback(new PrivateAddress(refusal(`${hostname} is ${inside?.address ?? 'nowhere'}`)), '', 4);
    }
    if (options.all) return callback(null, addresses);
    callback(null, first.address, first.family);
  });
};

/**
 * A literal address is never looked up, so the guard in the look-up would not see it.
 * @param hostname of a URL object, which has `0x7f.1` and the like in their plain form already
 * @returns what is wrong, if it is an address inside
 */
export function privateLiteral(hostname: string): string | undefined {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) && !isPublicAddress(host) ? refusal(host) : undefined;
}

function refusal(what: string): string {
  return `${what}: private addresses are refused (ALLOW_PRIVATE_WEBHOOKS)`;
}
