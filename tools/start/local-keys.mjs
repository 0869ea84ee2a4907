import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';
import { paths, writePrivate } from './local-folder.mjs';

const issuer = 'https://issuer.isthmus.localhost';
const audience = 'isthmus';
const keyId = 'local-1';
const lifetime = '12h';

/** The two tenants of a local stack. */
export const tenants = ['a3d2f1c0-5b1e-4f6a-8c7d-1e2f3a4b5c01', 'b7e4c9d2-0a3f-4d58-9b61-7c8d9e0f1a02'];

/** A program of each tenant that may read its events: what examples/subscription-listener and the demo are. */
export const localPrograms = tenants.map((tenant) => ({ tenant, program: 'listener' }));

/**
 * The local identity provider: its key is stored in `.local`, so that tokens survive a restart.
 * @returns {Promise<{env: Record<string, string>, tokens(): Promise<Record<string, Record<string, string>>>}>}
 */
export async function localIssuer() {
  if (!existsSync(paths.issuerKey)) {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: keyId, alg: 'ES256', use: 'sig' };
    writePrivate(paths.jwks, JSON.stringify({ keys: [jwk] }));
    writePrivate(paths.issuerKey, JSON.stringify(await exportJWK(privateKey)));
  }
  const key = await importJWK(JSON.parse(readFileSync(paths.issuerKey, 'utf8')), 'ES256');

  const token = (tenant, role) =>
    new SignJWT({ tenant, roles: [role] })
      .setProtectedHeader({ alg: 'ES256', kid: keyId })
      .setSubject(`${role}@local`)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(lifetime)
      .sign(key);

  return {
    env: { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience, OIDC_JWKS_URL: pathToFileURL(paths.jwks).href },
    async tokens() {
      const byTenant = {};
      for (const tenant of tenants) {
        byTenant[tenant] = {};
        for (const role of ['admin', 'operator', 'viewer'])
          byTenant[tenant][role] = await token(tenant, role);
      }
      return byTenant;
    },
  };
}

/**
 * The key rings that seal credentials of connectors and signing secrets of webhooks: each made once, because without it what
 * is stored cannot be opened again. A program gets the one it has a use for.
 * @returns {Record<import('./system.mjs').Secrets, Record<string, string>>} the settings, by purpose
 */
export function secretRings() {
  for (const path of [paths.secretRing, paths.webhookSecretRing]) {
    if (existsSync(path)) continue;
    const ring = { current: 'local-1', keys: { 'local-1': randomBytes(32).toString('base64') } };
    writePrivate(path, JSON.stringify(ring));
  }
  return {
    connectors: { SECRET_RING_FILE: paths.secretRing },
    webhooks: { WEBHOOK_SECRET_RING_FILE: paths.webhookSecretRing },
  };
}
