import ipaddr from 'ipaddr.js';

/** Addresses of the Internet of today lie here (RFC 4291, section 2.4; IANA's registry of global unicast assignments). */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
/** The prefix under which NAT64 shows IPv4 addresses (RFC 6052, section 2.1); others are of a network's own. */
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');
/** An old form without a meaning today (RFC 4291, section 2.5.5.1), which the library takes for a mapped address. */
const IPV4_COMPATIBLE = /^::\d+(\.\d+){3}$/;

/**
 * Why a message of a stranger's choice must not be sent to an IP address, or null for an address of the public Internet.
 * An IPv4 address in an IPv6 one (mapped, NAT64, 6to4, Teredo) is judged for itself. A text that is no address is refused.
 */
export function addressRefusal(address: string): string | null {
  if (!ipaddr.isValid(address)) return 'no address';
  if (IPV4_COMPATIBLE.test(address)) return 'reserved';
  const parsed = ipaddr.parse(address);
  return parsed instanceof ipaddr.IPv4 ? refusalOf4(parsed) : refusalOf6(parsed);
}

function refusalOf4(address: ipaddr.IPv4): string | null {
  const range = address.range();
  return range === 'unicast' ? null : wordsOf(range);
}

function refusalOf6(address: ipaddr.IPv6): string | null {
  if (address.isIPv4MappedAddress()) return refusalOf4(address.toIPv4Address());
  const bytes = address.toByteArray();
  if (address.match(NAT64)) return refusalOf4(ipv4At(bytes, 12));
  const range = address.range();
  if (range === '6to4') return refusalOf4(ipv4At(bytes, 2));
  if (range === 'teredo') {
    // The client's own address is written with every bit turned (RFC 4380, section 4).
    const client = bytes.slice(12).map((byte) => byte ^ 0xff);
    return refusalOf4(ipv4At(bytes, 4)) ?? refusalOf4(ipv4At(client, 0));
  }
  if (range !== 'unicast') return wordsOf(range);
  return address.match(GLOBAL_UNICAST) ? null : 'reserved';
}

const ipv4At = (bytes: readonly number[], at: number): ipaddr.IPv4 => new ipaddr.IPv4(bytes.slice(at, at + 4));

/** `linkLocal` as `link local`. */
const wordsOf = (range: string): string => range.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
