import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { InvalidConfiguration } from '../config.ts';

/** An address of PostgreSQL taken apart: what is left of it says nothing about TLS, `ssl` says all. */
export interface PostgresAddress {
  url: string;
  ssl: ConnectionOptions | false;
}

const modes = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
type Mode = (typeof modes)[number];
const tlsParameters = [
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'ssl',
  'uselibpqcompat',
  'sslnegotiation',
];

/**
 * How to connect to PostgreSQL, read once for every way that does: MikroORM ignores what an address says about TLS, and a plain
 * pool reads it in a way of its own. The modes mean what libpq's documentation says.
 * @param caFile DATABASE_CA_FILE; then `verify-full` unless the address says otherwise
 * @throws InvalidConfiguration
 */
export function postgresAddress(
  address: string,
  caFile?: string,
  variable = 'DATABASE_URL',
): PostgresAddress {
  const wrong = (message: string) => new InvalidConfiguration([{ variable, message }]);
  if (!URL.canParse(address)) throw wrong('must be postgres://user:password@host:port/database');
  const url = new URL(address);
  const parameter = (name: string) => url.searchParams.get(name) ?? undefined;
  const rootCert = caFile ?? parameter('sslrootcert');
  const mode = parameter('sslmode') ?? (rootCert ? 'verify-full' : 'disable');
  const [cert, key] = [parameter('sslcert'), parameter('sslkey')];
  for (const name of tlsParameters) url.searchParams.delete(name);
  if (!isMode(mode)) throw wrong(`its sslmode must be one of ${modes.join(', ')}`);
  if (mode === 'disable') return { url: url.href, ssl: false };

  const read = (file: string | undefined, what: string): string | undefined => {
    if (!file) return undefined;
    try {
      return readFileSync(file, 'utf8');
    } catch (cause) {
      throw wrong(`the file ${file} of ${what} cannot be read (${(cause as NodeJS.ErrnoException).code})`);
    }
  };
  const ca = read(rootCert, caFile ? 'DATABASE_CA_FILE' : 'its sslrootcert');
  if (mode === 'verify-ca' && !ca) throw wrong('its sslmode verify-ca needs DATABASE_CA_FILE');
  return {
    url: url.href,
    ssl: {
      // Not to connect to, but to compare the certificate with: pg names no host that is an address.
      host: url.hostname.replace(/^\[|\]$/g, ''),
      ca,
      cert: read(cert, 'its sslcert'),
      key: read(key, 'its sslkey'),
      // As in libpq: with a CA, `require` checks that it signed; without one it only encrypts.
      rejectUnauthorized: mode !== 'require' || ca !== undefined,
      ...(mode !== 'verify-full' && { checkServerIdentity: () => undefined }),
    },
  };
}

const isMode = (text: string): text is Mode => (modes as readonly string[]).includes(text);
