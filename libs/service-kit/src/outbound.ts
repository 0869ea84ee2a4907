import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, type Dispatcher } from 'undici';
import type { ServiceEnv } from './config.ts';

/** The rules for addresses entered by users. */
export interface OutboundRules {
  /** Only for a local machine (`ALLOW_PRIVATE_ADDRESSES=yes`): any address, any port, and http. */
  allowPrivateAddresses: boolean;
  ports: readonly number[];
}

export interface OutboundOptions extends OutboundRules {
  connectTimeoutMs?: number;
  /** Connections per origin; undici's default is unlimited. */
  connections?: number;
  /** Name resolution; the system's unless a test gives another. */
  lookup?: typeof dnsLookup;
}

/** The rules of the environment. */
export const outboundRules = ({ ALLOW_PRIVATE_ADDRESSES, OUTBOUND_PORTS }: ServiceEnv): OutboundRules => ({
  allowPrivateAddresses: ALLOW_PRIVATE_ADDRESSES === 'yes',
  ports: OUTBOUND_PORTS.split(',').map(Number),
});

/**
 * An undici dispatcher for addresses that users give. Every address a name resolves to is checked and only checked ones
 * are connected to, so a name cannot change between check and use. It does not follow redirects.
 * Requests to a forbidden address reject with `code: 'ERR_BLOCKED_ADDRESS'`.
 */
export function outboundDispatcher(options: OutboundOptions): Dispatcher {
  const { allowPrivateAddresses, connectTimeoutMs = 10_000, connections, lookup = dnsLookup } = options;
  const agent = new Agent({
    connections: connections ?? null,
    connect: { timeout: connectTimeoutMs, lookup: allowPrivateAddresses ? undefined : checkedLookup(lookup) },
  });
  if (allowPrivateAddresses) return agent;
  return agent.compose((dispatch) => (request, handler) => {
    requireOrigin(request.origin ?? '', options.ports);
    return dispatch(request, handler);
  });
}

/**
 * The addresses that the dispatcher would connect to for this URL: its decision, without a connection.
 * @throws BlockedAddress
 */
export async function outboundAddresses(
  url: string,
  { ports, lookup = dnsLookup }: Pick<OutboundOptions, 'ports' | 'lookup'>,
): Promise<string[]> {
  const host = requireOrigin(url, ports);
  if (isIP(host) !== 0) return [host];
  const all = await new Promise<LookupAddress[]>((resolve, reject) =>
    checkedLookup(lookup)(host, { all: true }, (error, addresses) =>
      error ? reject(error) : resolve(addresses as unknown as LookupAddress[]),
    ),
  );
  return all.map(({ address }) => address);
}

/**
 * Checks the parts of a URL that are known before its name is resolved: the port, and a literal address, for which net.connect
 * does not call `lookup`. Returns the host.
 * @throws BlockedAddress
 */
function requireOrigin(url: string | URL, ports: readonly number[]): string {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  if (!ports.includes(portOf(port, protocol)) || (isIP(host) !== 0 && !isPublicAddress(host)))
    throw new BlockedAddress(host);
  return host;
}

const portOf = (port: string, protocol: string): number => Number(port || (protocol === 'http:' ? 80 : 443));

/** Nonexistent names and names of internal hosts give the same error: users must not explore the names of our network. */
const noSuchName = new Set(['ENOTFOUND', 'ENODATA']);

function checkedLookup(lookup: typeof dnsLookup): LookupFunction {
  return (hostname, options: LookupOptions, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error && !noSuchName.has(error.code ?? '')) return callback(error, '', 0);
      const [first] = error ? [] : addresses;
      if (!first || addresses.some(({ address }) => !isPublicAddress(address)))
        return callback(new BlockedAddress(hostname), '', 0);
      if (options.all)
        return (callback as unknown as (e: null, all: LookupAddress[]) => void)(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}

export type OutboundUrlProblem =
  'not-a-url' | 'not-https' | 'credentials-in-url' | 'private-address' | 'port-not-allowed' | 'fragment';

/**
 * The problem with a URL entered by a user, before anything is sent to it; empty if there is none. Names are not resolved here:
 * the dispatcher checks the resolved address at each connection.
 */
export function checkOutboundUrl(
  url: string,
  { allowPrivateAddresses: allowPrivate, ports }: OutboundRules,
): OutboundUrlProblem[] {
  if (!URL.canParse(url)) return ['not-a-url'];
  const { protocol, username, password, hostname, port, hash } = new URL(url);
  const problems: OutboundUrlProblem[] = [];
  const isHttps = protocol === 'https:';
  if (!isHttps && !(allowPrivate && protocol === 'http:')) problems.push('not-https');
  if (username || password) problems.push('credentials-in-url');
  if (hash) problems.push('fragment');
  if (!allowPrivate && isPrivateHost(hostname)) problems.push('private-address');
  if (!allowPrivate && isHttps && !ports.includes(portOf(port, protocol))) problems.push('port-not-allowed');
  return problems;
}

/** A name without a dot is completed by the search domains of our own network. */
function isPrivateHost(hostname: string): boolean {
  const host = hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  if (isIP(host) !== 0) return !isPublicAddress(host);
  return !host.includes('.') || /\.(localhost|local|internal)$/.test(host);
}

/**
 * Whether an address belongs to the public internet. Addresses with another purpose do not: loopback, private, link-local (used
 * by cloud metadata services), unique-local, carrier NAT, multicast, documentation, reserved (IANA special-purpose registries).
 * An IPv6 address that wraps an IPv4 one is treated like that one; all others must be allocated as global unicast without a
 * special purpose.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  if (parsed.kind() === 'ipv4') return true;
  return isWithin(parsed, globalUnicast) && !specialPurpose.some((range) => isWithin(parsed, range));
}

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];
const isWithin = (address: ipaddr.IPv4 | ipaddr.IPv6, range: Range): boolean => address.match(range);

/** https://www.iana.org/assignments/ipv6-unicast-address-assignments: nothing else is allocated. */
const globalUnicast: Range = ipaddr.parseCIDR('2000::/3');

/** https://www.iana.org/assignments/iana-ipv6-special-registry, within 2000::/3. */
const specialPurpose: Range[] = [
  '2001::/23', // protocol assignments: Teredo, benchmarking, ORCHID, …
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4
  '2620:4f:8000::/48', // AS112
  '3fff::/20', // documentation
].map((range) => ipaddr.parseCIDR(range));

/**
 * A user-given address points to a forbidden target. `code` is the code with which an undici request rejects (as `cause` of
 * fetch). It reveals neither the violated rule nor the resolved address.
 */
export class BlockedAddress extends Error {
  override readonly name = 'BlockedAddress';
  readonly code = 'ERR_BLOCKED_ADDRESS';
  constructor(readonly host: string) {
    super(`${host} has no public internet address, or the port is not allowed. Check the address.`);
  }
}
