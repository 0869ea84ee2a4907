import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';
import { paths, writePrivate } from './local-folder.mjs';

const issuer = 'https://issuer.isthmus.localhost';
export const audience = 'isthmus';
const keyId = 'local-1';
const lifetime = '12h';

/** The two tenants of a local stack. */
export const tenants = ['a3d2f1c0-5b1e-4f6a-8c7d-1e2f3a4b5c01', 'b7e4c9d2-0a3f-4d58-9b61-7c8d9e0f1a02'];

/** What they are called. */
export const tenantNames = { [tenants[0]]: 'Contoso CSP', [tenants[1]]: 'Fabrikam CSP' };

const roles = {
  admin: ['admin'],
  operator: ['operator'],
  viewer: ['viewer'],
  finance: ['viewer', 'finance'],
};

/** Who works for the tenants: somebody of each role. Whoever has the token of one in `stack.json` is the one who signs in by its button. */
export const people = tenants.flatMap((tenant) => {
  const company = tenantNames[tenant];
  const domain = `${company.split(' ')[0].toLowerCase()}.example`;
  return Object.entries(roles).map(([role, held]) => ({
    id: `${role}@${domain}`,
    name: `${company}: ${role}`,
    ...{ tenant, role, roles: held },
  }));
});

/** A program of each tenant that may read its events: what examples/subscription-listener and the demo are. */
export const localPrograms = tenants.map((tenant) => ({ tenant, program: 'listener' }));

/**
 * The local issuer of tokens: its key is stored in `.local`, so that tokens survive a restart.
 * @param {string} [address] of the identity provider that has the same key; without one, nobody can sign in
 * @returns {Promise<{env: Record<string, string>, tokens(): Promise<Record<string, Record<string, string>>>}>}
 */
export async function localIssuer(address = issuer) {
  const key = await importJWK(await issuerKey(), 'ES256');
  const tokenOf = ({ id, tenant, roles: held }) =>
    new SignJWT({ tenant, roles: held })
      .setProtectedHeader({ alg: 'ES256', kid: keyId })
      .setSubject(id)
      .setIssuer(address)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(lifetime)
      .sign(key);

  return {
    env: { OIDC_ISSUER: address, OIDC_AUDIENCE: audience, OIDC_JWKS_URL: pathToFileURL(paths.jwks).href },
    async tokens() {
      const byTenant = {};
      for (const person of people) (byTenant[person.tenant] ??= {})[person.role] = await tokenOf(person);
      return byTenant;
    },
  };
}

/** The private key of the issuer, as JWK; made once. */
export async function issuerKey() {
  if (!existsSync(paths.issuerKey)) {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: keyId, alg: 'ES256', use: 'sig' };
    writePrivate(paths.jwks, JSON.stringify({ keys: [jwk] }));
    writePrivate(paths.issuerKey, JSON.stringify(await exportJWK(privateKey)));
  }
  return { ...JSON.parse(readFileSync(paths.issuerKey, 'utf8')), kid: keyId, alg: 'ES256', use: 'sig' };
}

/** Secrets of the clients of the identity provider: of the gateway, and of a program of each tenant. */
export function clientSecrets() {
  if (!existsSync(paths.clients)) {
    const names = ['console', ...tenants];
    const secrets = names.map((name) => [name, randomBytes(32).toString('base64url')]);
    writePrivate(paths.clients, JSON.stringify(Object.fromEntries(secrets)));
  }
  return JSON.parse(readFileSync(paths.clients, 'utf8'));
}

/**
 * The key rings that seal credentials of connectors, signing secrets of webhooks, and tokens of sessions: each made once, because
 * without it what is stored cannot be opened again. A program gets the one it has a use for.
 * @returns {Record<import('./system.mjs').Secrets, Record<string, string>>} the settings, by purpose
 */
export function secretRings() {
  for (const path of [paths.secretRing, paths.webhookSecretRing, paths.sessionSecretRing]) {
    if (existsSync(path)) continue;
    const ring = { current: 'local-1', keys: { 'local-1': randomBytes(32).toString('base64') } };
    writePrivate(path, JSON.stringify(ring));
  }
  return {
    connectors: { SECRET_RING_FILE: paths.secretRing },
    webhooks: { WEBHOOK_SECRET_RING_FILE: paths.webhookSecretRing },
    sessions: { SESSION_SECRET_RING_FILE: paths.sessionSecretRing },
  };
}
