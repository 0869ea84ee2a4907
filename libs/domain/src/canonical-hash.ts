import { hash } from 'node:crypto';

/** JSON with sorted members: equal content is written equally, regardless of the order in which it was built. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  ) ?? '';

/** A hash by which equal values are recognised: SHA-256 of their canonical JSON, in base64url. */
export const canonicalHash = (value: unknown): string => hash('sha256', canonicalJson(value), 'base64url');

/** Derives a UUID from a string; the same string always gives the same UUID (version 8 of RFC 9562, from SHA-256). */
export function derivedUuid(text: string): string {
  const hex = hash('sha256', text, 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
