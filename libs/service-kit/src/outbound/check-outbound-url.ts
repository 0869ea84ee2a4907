import { isIP } from 'node:net';
import { isPublicAddress } from './public-address.ts';

export type OutboundUrlProblem =
  'not-a-url' | 'not-https' | 'credentials-in-url' | 'private-address' | 'fragment';

/**
 * What is wrong with a URL a user gave, before anything is sent to it; empty when nothing is.
 * Names are not resolved here: the dispatcher checks what they resolve to at each connection.
 */
export function checkOutboundUrl(
  url: string,
  { allowPrivate }: { allowPrivate: boolean },
): OutboundUrlProblem[] {
  if (!URL.canParse(url)) return ['not-a-url'];
  const { protocol, username, password, hostname, hash } = new URL(url);
  const problems: OutboundUrlProblem[] = [];
  if (protocol !== 'https:' && !(allowPrivate && protocol === 'http:')) problems.push('not-https');
  if (username || password) problems.push('credentials-in-url');
  if (hash) problems.push('fragment');
  if (!allowPrivate && isPrivateHost(hostname)) problems.push('private-address');
  return problems;
}

function isPrivateHost(hostname: string): boolean {
  const host = hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  if (isIP(host) !== 0) return !isPublicAddress(host);
  return host === 'localhost' || /\.(localhost|local|internal)$/.test(host);
}
