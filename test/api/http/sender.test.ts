import { describe, expect, test } from 'vitest';
import { senderKey, senderOf } from '../../../src/api/http/sender.ts';

describe('whom a limit by address counts', () => {
  test.each([
    ['an IPv4 address is one sender', '192.0.2.1', '192.0.2.1'],
    ['its neighbour is another', '192.0.2.2', '192.0.2.2'],
    ['mapped into IPv6 it is the same', '::ffff:192.0.2.1', '192.0.2.1'],
    ['also in hexadecimal', '::ffff:c000:201', '192.0.2.1'],
    ['and in capitals', '::FFFF:192.0.2.1', '192.0.2.1'],
    ['with a port, as some proxies write it', '192.0.2.1:50112', '192.0.2.1'],
    ['an IPv6 address counts by its /64', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['the lowest of it', '2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['the highest of it', '2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['however it is written', '2001:0DB8:0001:0002:0000:0000:0000:0001', '2001:db8:1:2::/64'],
    ['in brackets with a port', '[2001:db8:1:2::7]:443', '2001:db8:1:2::/64'],
    ['in brackets alone', '[2001:db8:1:2::7]', '2001:db8:1:2::/64'],
    ['the next /64 is another', '2001:db8:1:3::1', '2001:db8:1:3::/64'],
    ['a link-local one, with its zone', 'fe80::1%eth0', 'fe80::/64'],
    ['loopback', '::1', '::/64'],
    ['loopback of IPv4', '127.0.0.1', '127.0.0.1'],
    ['nothing is one sender for all', undefined, 'unknown'],
    ['an empty text', '', 'unknown'],
    ['what is no address', 'proxy.internal', 'unknown'],
    ['half an address', '192.0.2', 'unknown'],
    ['a number that some programs take for one', '3221225985', 'unknown'],
    ['two of them', '192.0.2.1, 192.0.2.2', 'unknown'],
    ['blanks around it are no part of it', ' 192.0.2.1\t', '192.0.2.1'],
    ['something before the brackets', 'x[2001:db8::7]:443', 'unknown'],
    ['something behind them', '[2001:db8::7]443', 'unknown'],
  ])('%s: %s', (_what, address, key) => {
    expect(senderKey(address)).toBe(key);
    expect(senderOf({ ip: address })).toBe(key);
  });
});
