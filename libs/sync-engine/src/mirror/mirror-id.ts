import { hash } from 'node:crypto';
import type { MirrorOwner } from './mirror.ts';

/** CMP numbers its records; a leading zero would make two ids of one number. */
const number = /^[1-9]\d{0,14}$/;

/** By kind, of each owner at hand: a listing asks for one owner's ids a hundred thousand times. */
const prefixes = new WeakMap<MirrorOwner, Map<string, string>>();

/**
 * Our id of a CMP record: a UUID derived from tenant, connector, kind and CMP id. The same record has the same id after the
 * mirror is rebuilt, and a batch finds its rows by one key without a look-up. Of a numbered record it is 60 bits of a hash of
 * tenant, connector and kind, then the number, so that the rows of a page lie side by side in the primary key.
 */
export function mirrorId(owner: MirrorOwner, kind: string, cmpId: string): string {
  if (!number.test(cmpId)) return uuidOf(hash('sha1', `${nameOf(owner, kind)}/${cmpId}`, 'hex'));
  const low = Number(cmpId).toString(16).padStart(15, '0');
  return `${prefixOf(owner, kind)}-8${low.slice(0, 3)}-${low.slice(3)}`;
}

const nameOf = ({ tenantId, connectorId }: MirrorOwner, kind: string): string =>
  `${tenantId}/${connectorId}/${kind}`;

function prefixOf(owner: MirrorOwner, kind: string): string {
  let known = prefixes.get(owner);
  if (!known) prefixes.set(owner, (known = new Map()));
  let prefix = known.get(kind);
  if (!prefix) known.set(kind, (prefix = uuidOf(hash('sha1', nameOf(owner, kind), 'hex')).slice(0, 18)));
  return prefix;
}

/** RFC 9562, version 8: 122 bits of our own. */
function uuidOf(hex: string): string {
  const variant = ((parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
