import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export interface TokenClaims {
  tenant?: unknown;
  roles?: unknown;
  sub?: string;
  issuer?: string;
  audience?: string;
  /** Seconds from now; negative for a token that has expired. */
  expiresIn?: number;
  /** Key id in the header; one that the JWKS does not have makes the token unknown. */
  keyId?: string;
}

export interface TestIssuer {
  issuer: string;
  audience: string;
  /** `file:` URL of the JWKS. */
  jwksUrl: string;
  /** What a service needs in its environment to trust this issuer. */
  env: { OIDC_ISSUER: string; OIDC_AUDIENCE: string; OIDC_JWKS_URL: string };
  /** A signed token; of an admin of a new tenant unless specified otherwise. */
  token(claims?: TokenClaims): Promise<string>;
  close(): Promise<void>;
}

/** An identity provider for tests: an ES256 key, its JWKS in a file, and tokens of any content. */
export async function testIssuer(): Promise<TestIssuer> {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-issuer-'));
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const file = join(folder, 'jwks.json');
  await writeFile(
    file,
    JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'test-1', alg: 'ES256', use: 'sig' }] }),
  );
  const issuer = 'https://issuer.test';
  const audience = 'isthmus';
  const jwksUrl = pathToFileURL(file).href;
  return {
    issuer,
    audience,
    jwksUrl,
    env: { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience, OIDC_JWKS_URL: jwksUrl },
    token: (claims = {}) =>
      new SignJWT({ tenant: claims.tenant ?? defaultTenant, roles: claims.roles ?? ['admin'] })
        .setProtectedHeader({ alg: 'ES256', kid: claims.keyId ?? 'test-1' })
        .setSubject(claims.sub ?? 'someone@example.test')
        .setIssuer(claims.issuer ?? issuer)
        .setAudience(claims.audience ?? audience)
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1000) + (claims.expiresIn ?? 600))
        .sign(privateKey),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The tenant of tokens that name none. */
export const defaultTenant = '11111111-1111-4111-8111-111111111111';
