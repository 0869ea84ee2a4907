import { hash } from 'node:crypto';
import type { MirrorOwner } from './mirror.ts';

/**
 * Our id of a CMP record: a UUID derived from tenant, connector, kind and CMP id. The same record has the same id after the
 * mirror is rebuilt, and a batch finds its rows by one key without a look-up.
 */
export function mirrorId({ tenantId, connectorId }: MirrorOwner, kind: string, cmpId: string): string {
  const hex = hash('sha1', `${tenantId}/${connectorId}/${kind}/${cmpId}`, 'hex');
  const variant = ((parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
