import type { Request } from 'express';
import ipaddr from 'ipaddr.js';

/** Of an IPv6 address: what a provider gives one customer, who may use every address in it. */
const NETWORK_GROUPS = 4;

/** An IPv4 address with a port, as some proxies write it. */
const WITH_PORT = /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/;

/**
 * Where a request comes from: what the trusted proxies say, otherwise its peer. IPv4 in one form, also where it came
 * inside of IPv6; IPv6 as its network (`/64`).
 */
export function clientAddressOf(request: Request): string {
  return addressText(request.ip) ?? addressText(request.socket.remoteAddress) ?? 'unknown';
}

/** The same of an address as text; null for what is none. */
export function addressText(given: string | undefined): string | null {
  const text = WITH_PORT.exec(given ?? '')?.[1] ?? given ?? '';
  if (!ipaddr.isValid(text)) return null;
  const address = ipaddr.process(text);
  if (address.kind() === 'ipv4') return address.toString();
  const groups = (address as ipaddr.IPv6).parts.slice(0, NETWORK_GROUPS);
  return `${groups.map((group) => group.toString(16)).join(':')}::/64`;
}
