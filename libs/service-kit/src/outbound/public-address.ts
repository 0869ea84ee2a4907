import ipaddr from 'ipaddr.js';

/**
 * Whether an address is one of the public internet. Everything with another purpose is not: loopback, private,
 * link-local (cloud metadata services live there), unique-local, carrier NAT, multicast, documentation, reserved
 * (IANA special-purpose registries). An IPv6 address that wraps an IPv4 one is judged by that one.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return parsed.range() === 'unicast';
}
