import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** What the cookie says: which session of which tenant. Only the secret proves anything. */
export interface SessionCredentials {
  tenantId: string;
  secret: string;
}

const cookieForm = /^([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})\.([\w-]{43})$/;

export const newSecret = (): string => randomBytes(32).toString('base64url');

/** The tenant is in front, so that PostgreSQL is asked for a row of that tenant and of no other. */
export const cookieValue = ({ tenantId, secret }: SessionCredentials): string => `${tenantId}.${secret}`;

export function readCookieValue(value: string | undefined): SessionCredentials | undefined {
  const [, tenantId, secret] = cookieForm.exec(value ?? '') ?? [];
  return tenantId && secret ? { tenantId, secret } : undefined;
}

/** The name of the session in the database, which is of no use to whoever reads it there. */
export const idOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

/** What a page has to send with every write; it follows from the secret, which the page does not have. */
export const csrfOf = (secret: string): string =>
  createHmac('sha256', secret).update('x-csrf').digest('base64url');

/** A request that a browser has sent with a cookie. */
interface BrowserRequest {
  method: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

const reading = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Why a request that changes something may have been sent by another site; undefined if it was not.
 * @param origin the origin of our pages, for browsers that do not say where a request comes from
 */
export function crossSiteReason(
  { method, headers }: BrowserRequest,
  { secret }: SessionCredentials,
  origin: string,
): string | undefined {
  if (reading.has(method)) return undefined;
  const { 'sec-fetch-site': site, origin: from, 'x-csrf': sent } = headers;
  if (site !== undefined && site !== 'same-origin') return 'Another site has sent it.';
  if (site === undefined && from !== undefined && from !== origin) return 'Another site has sent it.';
  if (typeof sent !== 'string') return 'The header x-csrf is missing.';
  const [given, expected] = [Buffer.from(sent), Buffer.from(csrfOf(secret))];
  const equal = given.length === expected.length && timingSafeEqual(given, expected);
  return equal ? undefined : 'The header x-csrf is not that of this session.';
}
