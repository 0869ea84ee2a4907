import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { isUUID } from 'class-validator';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import { Problem } from '../http/problem.ts';
import { issuerClaim, readRoleMap, type ServiceEnv } from '../config.ts';
import { counter } from '../telemetry/metrics.ts';
import { Principal, roles, type Role } from './access.ts';

interface TokenRules {
  issuer: string;
  audience: string;
  /** `https:`, `http:` or `file:` URL of the issuer's JWKS. */
  jwksUrl: string;
  maxAgeSeconds: number;
  /** The header `typ`; not checked when absent. */
  type: string | undefined;
  subjectClaim: string;
  tenantClaim: string;
  /** The tenants that are accepted; all when absent. */
  tenants: ReadonlySet<string> | undefined;
  rolesClaim: string;
  /** Role of ours by role of the provider; without it they have the same names. */
  roleMap: ReadonlyMap<string, Role> | undefined;
}

/** Symmetric algorithms and `none` are absent on purpose: a party that can verify must not be able to sign. */
const algorithms = ['ES256', 'RS256', 'EdDSA'];
const clockToleranceSeconds = 5;
/** A key taken out of the JWKS stops working after this at the latest. */
const trustMs = 300_000;
const cacheSize = 10_000;

const verified = counter('isthmus.auth.tokens_verified');

export interface VerifyToken {
  /** The caller of a token that was verified a moment ago. */
  known(token: string): Principal | undefined;
  /** @throws Problem 401, or 503 when the issuer's keys cannot be read */
  check(token: string): Promise<Principal>;
}

/** A verifier by a service's settings; it remembers what it has verified, by hash and never beyond a token's expiry. */
export function tokenVerifier(env: ServiceEnv): VerifyToken {
  const rules: TokenRules = {
    issuer: env.OIDC_ISSUER,
    audience: env.OIDC_AUDIENCE,
    jwksUrl: env.OIDC_JWKS_URL,
    maxAgeSeconds: env.OIDC_MAX_TOKEN_HOURS * 3600,
    type: env.OIDC_TOKEN_TYPE,
    subjectClaim: env.OIDC_SUBJECT_CLAIM,
    tenantClaim: env.OIDC_TENANT_CLAIM,
    tenants: env.OIDC_TENANTS ? new Set(env.OIDC_TENANTS.toLowerCase().split(/,\s*/)) : undefined,
    rolesClaim: env.OIDC_ROLES_CLAIM,
    roleMap: env.OIDC_ROLE_MAP === undefined ? undefined : readRoleMap(env.OIDC_ROLE_MAP),
  };
  const key = keySource(rules.jwksUrl);
  const cache = new Map<string, { principal: Principal; until: number }>();
  const idOf = (token: string): string => hash('sha256', token, 'base64');
  return {
    known(token) {
      const id = idOf(token);
      const known = cache.get(id);
      if (known && known.until > Date.now()) return known.principal;
      if (known) cache.delete(id);
      return undefined;
    },
    async check(token) {
      const { principal, expiresAt } = await verify(token, rules, key);
      const oldest = cache.size >= cacheSize ? cache.keys().next().value : undefined;
      if (oldest !== undefined) cache.delete(oldest);
      cache.set(idOf(token), { principal, until: Math.min(expiresAt, Date.now() + trustMs) });
      return principal;
    },
  };
}

async function verify(
  token: string,
  rules: TokenRules,
  key: JWTVerifyGetKey,
): Promise<{ principal: Principal; expiresAt: number }> {
  try {
    const { payload } = await jwtVerify(token, key, {
      ...(!issuerClaim.test(rules.issuer) && { issuer: rules.issuer }),
      audience: rules.audience,
      algorithms,
      clockTolerance: clockToleranceSeconds,
      // Also rejects a token that was issued in the future.
      maxTokenAge: rules.maxAgeSeconds,
      ...(rules.type !== undefined && { typ: rules.type }),
      requiredClaims: ['iss', 'exp', 'iat', rules.subjectClaim, rules.tenantClaim, rules.rolesClaim],
    });
    const expiresAt = Math.min(Number(payload.exp), Number(payload.iat) + rules.maxAgeSeconds) * 1000;
    requireOwnIssuer(payload, rules.issuer);
    const principal = toPrincipal(payload, expiresAt, rules);
    verified.add(1, { outcome: 'accepted' });
    return { principal, expiresAt };
  } catch (cause) {
    verified.add(1, { outcome: cause instanceof errors.JOSEError ? cause.code : 'refused' });
    throw refusal(cause);
  }
}

/**
 * A provider of many organisations signs the tokens of all of them with the same keys: a token must name the issuer of its own one.
 * @throws Problem 401
 */
function requireOwnIssuer(payload: JWTPayload, issuer: string): void {
  const own = issuer.replace(issuerClaim, (_, claim: string) => String(payload[claim]));
  if (payload.iss !== own) throw unauthenticated('The claim "iss" of the token is not accepted.');
}

function toPrincipal(payload: JWTPayload, expiresAt: number, rules: TokenRules): Principal {
  const { subjectClaim, tenantClaim, tenants, rolesClaim, roleMap } = rules;
  const { [subjectClaim]: subject, [tenantClaim]: tenant, [rolesClaim]: claimed } = payload;
  if (!isSubject(subject))
    throw unauthenticated(`The claim "${subjectClaim}" of the token must be 1 to 200 printable characters.`);
  if (!isUUID(tenant))
    throw unauthenticated(`The token specifies no tenant: its claim "${tenantClaim}" must be a UUID.`);
  const tenantId = String(tenant).toLowerCase();
  if (tenants && !tenants.has(tenantId))
    throw unauthenticated(`The tenant ${tenantId} of the token is not accepted here.`);
  if (!Array.isArray(claimed))
    throw unauthenticated(`The claim "${rolesClaim}" of the token must be a list.`);
  const held = roleMap
    ? claimed.flatMap((role) => roleMap.get(role as string) ?? [])
    : claimed.filter((role): role is Role => roles.includes(role as Role));
  return new Principal(subject, tenantId, held, expiresAt, isOfProgram(payload));
}

/**
 * Whether a token is for a program in its own name (client credentials): its subject is the client (RFC 9068, section 2.2), or the
 * provider says so in a claim of its own: `idtyp` of Entra ID, `gty` of Auth0.
 */
const isOfProgram = ({ sub, client_id: client, azp, idtyp, gty }: JWTPayload): boolean =>
  (sub !== undefined && (sub === client || sub === azp)) || idtyp === 'app' || gty === 'client-credentials';

/**
 * The subject is stored with everything that a user does, and displayed: no control characters, half surrogate pairs, spaces, or
 * invisible characters that make one subject look like another.
 */
const isSubject = (sub: unknown): sub is string =>
  typeof sub === 'string' && printable.test(sub) && sub.trim() === sub;

const printable = /^[^\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]{1,200}$/u;

function refusal(cause: unknown): Problem {
  if (cause instanceof Problem) return cause;
  if (cause instanceof errors.JWTExpired) return unauthenticated('The token has expired.', cause);
  if (cause instanceof errors.JWTClaimValidationFailed)
    return unauthenticated(`The claim "${cause.claim}" of the token is not accepted.`, cause);
  if (
    cause instanceof errors.JWKSTimeout ||
    !(cause instanceof errors.JOSEError) ||
    cause.code === 'ERR_JOSE_GENERIC'
  ) {
    return new Problem(
      {
        status: 503,
        type: 'issuer-unavailable',
        title: 'The token cannot be verified at the moment',
        detail: "The identity provider's keys cannot be read.",
        nextStep: 'Try again.',
        retryAfterSeconds: 5,
      },
      { cause },
    );
  }
  return unauthenticated('The token is not valid.', cause);
}

/** 401; `guardRoutes` adds the header `WWW-Authenticate`. */
export function unauthenticated(detail: string, cause?: unknown): Problem {
  return new Problem(
    {
      status: 401,
      type: 'unauthenticated',
      title: 'Authentication is required',
      detail,
      nextStep: 'Send "Authorization: Bearer <token>" with a valid token of the identity provider.',
    },
    { cause },
  );
}

function keySource(url: string): JWTVerifyGetKey {
  if (!url.startsWith('file:')) {
    return createRemoteJWKSet(new URL(url), {
      cacheMaxAge: trustMs,
      cooldownDuration: 10_000,
      timeoutDuration: 5_000,
    });
  }
  let local: Promise<JWTVerifyGetKey> | undefined;
  return async (header, token) => {
    local ??= readFile(fileURLToPath(url), 'utf8').then((text) => createLocalJWKSet(JSON.parse(text)));
    try {
      return await (
        await local
      )(header, token);
    } catch (error) {
      // The file may be replaced when keys are rotated: read it again for the next token.
      local = undefined;
      throw error;
    }
  };
}
