import type { AddressInfo, Server } from 'node:net';

/**
 * Where a server listens.
 * @throws Error when it does not, or not on a port
 */
export function addressOf(server: Pick<Server, 'address'>): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error(`Bug: the server listens on no port: ${address}`);
  return address;
}
