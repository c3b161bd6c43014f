import { isIP } from 'node:net';
import type { Request } from 'express';
import ipaddr from 'ipaddr.js';

/**
 * Whom a limit by address counts. Everybody who has IPv6 has at least a /64 of it, 2^64 addresses to send from: they count
 * as one, an IPv4 address by itself.
 */
export function senderOf({ ip }: Pick<Request, 'ip'>): string {
  return senderKey(ip);
}

/** @param address as a proxy may write it: with a port, in brackets, with a zone. What is none counts as one sender */
export function senderKey(address: string | undefined): string {
  const bare = withoutPort((address ?? '').trim());
  if (!isIP(bare)) return 'unknown';
  // ::ffff:192.0.2.1 is 192.0.2.1
  const parsed = ipaddr.process(bare);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const network = parsed.toByteArray().map((byte, at) => (at < 8 ? byte : 0));
  return `${ipaddr.fromByteArray(network).toString()}/64`;
}

function withoutPort(address: string): string {
  const inBrackets = /^\[([^\]]+)\](?::\d+)?$/.exec(address)?.[1];
  const before = /^([\d.]+):\d+$/.exec(address)?.[1];
  return inBrackets ?? before ?? address;
}
