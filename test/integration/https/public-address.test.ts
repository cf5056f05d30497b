import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { addressRefusal } from '../../../adapters/https/public-address.ts';

/** Address, and whether webhooks may go there. */
const ADDRESSES: readonly (readonly [string, 'public' | 'refused', string])[] = [
  ['8.8.8.8', 'public', 'an ordinary address'],
  ['1.1.1.1', 'public', 'an ordinary address'],
  ['172.15.255.255', 'public', 'just below a private range'],
  ['172.32.0.0', 'public', 'just above a private range'],
  ['100.63.255.255', 'public', 'just below the shared range'],
  ['100.128.0.0', 'public', 'just above the shared range'],
  ['223.255.255.255', 'public', 'the last unicast one'],
  ['0.0.0.0', 'refused', 'this host'],
  ['0.1.2.3', 'refused', 'this network'],
  ['127.0.0.1', 'refused', 'loopback'],
  ['127.255.255.254', 'refused', 'loopback'],
  ['10.0.0.1', 'refused', 'private'],
  ['172.16.0.1', 'refused', 'private'],
  ['172.31.255.255', 'refused', 'private'],
  ['192.168.1.1', 'refused', 'private'],
  ['169.254.169.254', 'refused', 'the metadata of a cloud'],
  ['169.254.0.1', 'refused', 'link-local'],
  ['100.64.0.1', 'refused', 'shared by a carrier'],
  ['100.127.255.255', 'refused', 'shared by a carrier'],
  ['192.0.0.1', 'refused', 'of the IETF'],
  ['192.0.2.1', 'refused', 'for documents'],
  ['198.51.100.7', 'refused', 'for documents'],
  ['203.0.113.7', 'refused', 'for documents'],
  ['198.18.0.1', 'refused', 'for benchmarks'],
  ['192.88.99.1', 'refused', 'once a relay'],
  ['224.0.0.1', 'refused', 'multicast'],
  ['240.0.0.1', 'refused', 'reserved'],
  ['255.255.255.255', 'refused', 'broadcast'],
  ['2606:4700:4700::1111', 'public', 'an ordinary address'],
  ['2a00:1450:4001:81b::200e', 'public', 'an ordinary address'],
  ['::', 'refused', 'unspecified'],
  ['::1', 'refused', 'loopback'],
  ['fe80::1', 'refused', 'link-local'],
  ['fe80::1%eth0', 'refused', 'link-local with a zone'],
  ['fec0::1', 'refused', 'once site-local'],
  ['fc00::1', 'refused', 'unique local'],
  ['fd00:ec2::254', 'refused', 'the metadata of a cloud'],
  ['ff02::1', 'refused', 'multicast'],
  ['2001:db8::1', 'refused', 'for documents'],
  ['2001:2::1', 'refused', 'for benchmarks'],
  ['100::1', 'refused', 'thrown away'],
  ['4000::1', 'refused', 'not given out'],
  ['::8.8.8.8', 'refused', 'IPv4-compatible, which nobody uses'],
  ['::ffff:8.8.8.8', 'public', 'mapped'],
  ['::ffff:127.0.0.1', 'refused', 'loopback, mapped'],
  ['::ffff:a9fe:a9fe', 'refused', 'the metadata of a cloud, mapped and in hexadecimal'],
  ['::ffff:0:127.0.0.1', 'refused', 'loopback, translated'],
  ['64:ff9b::8.8.8.8', 'public', 'through NAT64'],
  ['64:ff9b::10.0.0.1', 'refused', 'private, through NAT64'],
  ['64:ff9b:1::8.8.8.8', 'refused', "through a network's own NAT64"],
  ['2002:808:808::1', 'public', '6to4'],
  ['2002:7f00:1::1', 'refused', 'loopback in 6to4'],
  ['2002:c0a8:101::1', 'refused', 'private in 6to4'],
  ['2001:0:808:808:0:0:f7f7:f7f7', 'public', 'Teredo of 8.8.8.8 by 8.8.8.8'],
  ['2001:0:7f00:1:0:0:f7f7:f7f7', 'refused', 'Teredo by a server on loopback'],
  ['2001:0:808:808:0:0:80ff:fffe', 'refused', 'Teredo of a client on loopback'],
  ['localhost', 'refused', 'no address'],
  ['', 'refused', 'no address'],
];

for (const [address, verdict, what] of ADDRESSES) {
  test(`${address === '' ? 'nothing' : address} (${what}) is ${verdict}`, () => {
    assert.is(addressRefusal(address) === null ? 'public' : 'refused', verdict, String(addressRefusal(address)));
  });
}

test('a refusal says of which kind the address is', () => {
  assert.is(addressRefusal('169.254.169.254'), 'link local');
  assert.is(addressRefusal('::ffff:10.0.0.1'), 'private');
  assert.is(addressRefusal('4000::1'), 'reserved');
  assert.is(addressRefusal('x'), 'no address');
});

test.run();
