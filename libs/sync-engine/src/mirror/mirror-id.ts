import { hash } from 'node:crypto';
import type { MirrorOwner } from './mirror.ts';

/** CMP numbers its records; a leading zero would make two ids of one number. */
const number = /^[1-9]\d{0,14}$/;

const prefixes = new Map<string, string>();
const prefixesKept = 1_000;

/**
 * Our id of a CMP record: a UUID derived from tenant, connector, kind and CMP id. The same record has the same id after the
 * mirror is rebuilt, and a batch finds its rows by one key without a look-up. Of a numbered record it is 60 bits of a hash of
 * tenant, connector and kind, then the number, so that the rows of a page lie side by side in the primary key.
 */
export function mirrorId({ tenantId, connectorId }: MirrorOwner, kind: string, cmpId: string): string {
  const owner = `${tenantId}/${connectorId}/${kind}`;
  if (!number.test(cmpId)) return uuidOf(hash('sha1', `${owner}/${cmpId}`, 'hex'));
  const low = Number(cmpId).toString(16).padStart(15, '0');
  return `${prefixOf(owner)}-8${low.slice(0, 3)}-${low.slice(3)}`;
}

function prefixOf(owner: string): string {
  const known = prefixes.get(owner);
  if (known) return known;
  const prefix = uuidOf(hash('sha1', owner, 'hex')).slice(0, 18);
  if (prefixes.size >= prefixesKept) prefixes.clear();
  prefixes.set(owner, prefix);
  return prefix;
}

/** RFC 9562, version 8: 122 bits of our own. */
function uuidOf(hex: string): string {
  const variant = ((parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
