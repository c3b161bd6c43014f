import type { LookupAddress } from 'node:dns';
import { expect, test } from 'vitest';
import { endpointUrlProblem } from '../../src/messages/endpoint-url.ts';
import { isPublicAddress, PrivateAddress, publicLookup } from '../../src/messages/private-address.ts';

const inside: [address: string, what: string][] = [
  ['127.0.0.1', 'this machine'],
  ['127.255.255.254', 'this machine'],
  ['0.0.0.0', 'any address of this machine'],
  ['0.1.2.3', 'this network'],
  ['10.0.0.1', 'a private network'],
  ['172.16.0.1', 'a private network'],
  ['172.31.255.255', 'a private network'],
  ['192.168.1.1', 'a private network'],
  ['100.64.0.1', 'the network of a carrier'],
  ['100.127.255.255', 'the network of a carrier'],
  ['169.254.169.254', 'the metadata service of a cloud'],
  ['192.0.0.170', 'protocol assignments'],
  ['192.0.2.1', 'documentation'],
  ['198.18.0.1', 'benchmarks'],
  ['198.51.100.1', 'documentation'],
  ['203.0.113.1', 'documentation'],
  ['224.0.0.1', 'multicast'],
  ['240.0.0.1', 'reserved'],
  ['255.255.255.255', 'broadcast'],
  ['::', 'any address of this machine'],
  ['::1', 'this machine'],
  ['::ffff:127.0.0.1', 'this machine, mapped'],
  ['::ffff:a00:1', 'a private network, mapped'],
  ['::ffff:169.254.169.254', 'the metadata service, mapped'],
  ['::127.0.0.1', 'this machine, in the old compatible form'],
  ['64:ff9b::10.0.0.1', 'a private network behind NAT64'],
  ['64:ff9b:1::1', 'a local NAT64'],
  ['2002:7f00:1::', 'this machine through 6to4'],
  ['2001:0:4136:e378:8000:63bf:3fff:fdd2', 'Teredo'],
  ['fe80::1', 'the link'],
  ['fec0::1', 'the site'],
  ['fc00::1', 'a private network'],
  ['fd12:3456::1', 'a private network'],
  ['ff02::1', 'multicast'],
  ['2001:db8::1', 'documentation'],
  ['100::1', 'discard'],
  ['4000::1', 'not given out'],
  ['no address', 'nothing'],
  ['', 'nothing'],
];

test.each(inside)('%s is refused: %s', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each([
  '8.8.8.8',
  '1.1.1.1',
  '100.128.0.1',
  '172.32.0.1',
  '::ffff:8.8.8.8',
  '2606:4700:4700::1111',
  '2a00:1450::1',
])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([true, false])('a name of this machine is not answered (all addresses: %s)', async (all) => {
  const answer = await new Promise<{ error: Error | null; address: string | LookupAddress[] }>((resolve) =>
    publicLookup('localhost', { all }, (error, address) => resolve({ error, address })),
  );
  expect(answer.error).toBeInstanceOf(PrivateAddress);
  expect(answer.address).toBe('');
});

const refused: [url: string, why: string][] = [
  ['no url', 'not a URL'],
  ['ftp://shop.example/', 'https'],
  ['http://shop.example/events', 'https'],
  ['https://user:secret@shop.example/', 'name or password'],
  ['https://user@shop.example/', 'name or password'],
  ['https://shop.example/#part', '#'],
  ['https://localhost/', 'this machine'],
  ['https://LOCALHOST./', 'this machine'],
  ['https://api.localhost:8443/', 'this machine'],
  ['https://127.0.0.1/', 'private'],
  ['https://127.1/', 'private'],
  ['https://0x7f.0.0.1/', 'private'],
  ['https://2130706433/', 'private'],
  ['https://0177.0.0.1/', 'private'],
  ['https://0/', 'private'],
  ['https://[::1]/', 'private'],
  ['https://[::ffff:10.0.0.1]/', 'private'],
  ['https://169.254.169.254/latest/meta-data', 'private'],
];

test.each(refused)('%s may not become an endpoint', (url, why) => {
  expect(endpointUrlProblem(url, false)).toContain(why);
});

test.each(['https://shop.example/events?token=1', 'https://8.8.8.8/', 'https://shop.example:8443/'])(
  '%s may become an endpoint',
  (url) => {
    expect(endpointUrlProblem(url, false)).toBeUndefined();
  },
);

test('where private addresses are allowed, so is http', () => {
  expect(endpointUrlProblem('http://127.0.0.1:4000/events', true)).toBeUndefined();
  expect(endpointUrlProblem('ftp://127.0.0.1/', true)).toContain('https');
});
