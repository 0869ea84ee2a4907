import { setInterval } from 'node:timers/promises';
import {
  type Principal,
  KeyRing,
  open,
  Problem,
  SecretKeyMissing,
  SecretNotOpened,
  seal,
  type SessionTokens,
  unauthenticated,
} from '@isthmus/service-kit';
import { Injectable, Logger } from '@nestjs/common';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyRequest } from 'fastify';
import { ConsoleGatewayEnv } from '../config.ts';
import { IdentityProvider, type IssuedTokens, SignInRefused } from '../sign-in/identity-provider.service.ts';
import {
  cookieValue,
  crossSiteReason,
  csrfOf,
  idOf,
  newSecret,
  readCookieValue,
  type SessionCredentials,
} from './credentials.ts';
import { Session } from './session.entity.ts';
import { SessionStore } from './session.store.ts';

/** What is sealed in a session. */
interface TokenSet {
  accessToken: string;
  refreshToken?: string;
}

/** A session as its page may know it. */
export interface KnownSession extends Pick<Session, 'tenantId' | 'subject' | 'name' | 'endsAt'> {
  csrf: string;
}

const hourMs = 3_600_000;
/** A token is renewed this long before it expires, so that a request that has just begun does not end with it. */
const earlyMs = 60_000;
const touchEveryMs = 60_000;
/** How long a request waits for another one, or another process, to renew the tokens. */
const waitMs = 15_000;
const pollMs = 50;

/** The sessions of browsers: begins and ends them, and finds the access token of a request, renewed when it is about to expire. */
@Injectable()
export class Sessions implements SessionTokens {
  readonly #log = new Logger(Sessions.name);
  readonly #known = new WeakMap<FastifyRequest, KnownSession>();
  /** Renewals in this process, by session and version. */
  readonly #renewing = new Map<string, Promise<string>>();

  constructor(
    private readonly store: SessionStore,
    private readonly provider: IdentityProvider,
    private readonly ring: KeyRing,
    private readonly env: ConsoleGatewayEnv,
  ) {}

  get #cookieName(): string {
    return this.env.isSecure ? '__Host-isthmus_session' : 'isthmus_session';
  }

  /** @throws Problem 400 with a token as well, 401 when the session has ended, 403 when another site may have sent the request */
  async tokenOf(request: FastifyRequest): Promise<string | undefined> {
    const value = this.#cookieOf(request);
    if (value === undefined) return undefined;
    if (request.headers.authorization !== undefined) throw twoCredentials();
    const credentials = readCookieValue(value);
    if (!credentials) throw sessionEnded();
    this.#requireOwnPage(request, credentials);
    const session = await this.store.find(credentials.tenantId, idOf(credentials.secret));
    if (!session) throw sessionEnded();
    if (Date.now() - session.lastSeenAt.getTime() > touchEveryMs) await this.store.touch(session);
    this.#known.set(request, known(session, credentials));
    return this.#freshToken(session);
  }

  /** The session of a request whose route needs a caller; undefined for a program. */
  of(request: FastifyRequest): KnownSession | undefined {
    return this.#known.get(request);
  }

  /** The session of a request of any route, if there is one. */
  async find(request: FastifyRequest): Promise<KnownSession | undefined> {
    const credentials = readCookieValue(this.#cookieOf(request));
    if (!credentials) return undefined;
    const session = await this.store.find(credentials.tenantId, idOf(credentials.secret));
    return session && known(session, credentials);
  }

  /** @returns the Set-Cookie header of a new session; one that the browser has already is ended. */
  async begin(request: FastifyRequest, person: Principal, tokens: IssuedTokens): Promise<string> {
    const secret = newSecret();
    const credentials = { tenantId: person.tenantId, secret };
    const now = new Date();
    const latest = now.getTime() + this.env.SESSION_MAX_HOURS * hourMs;
    const session = Object.assign(new Session(), {
      id: idOf(secret),
      tenantId: person.tenantId,
      subject: person.subject,
      name: tokens.name ?? person.subject,
      version: 1,
      tokenExpiresAt: tokens.expiresAt,
      refreshingUntil: null,
      createdAt: now,
      lastSeenAt: now,
      // Without a refresh token nothing can follow the first token.
      endsAt: new Date(tokens.refreshToken ? latest : Math.min(latest, tokens.expiresAt.getTime())),
    });
    session.sealed = this.#seal(session, 1, tokens);
    await this.#forget(request);
    await this.store.add(session);
    return this.#setCookie(cookieValue(credentials), session.endsAt);
  }

  /**
   * Ends the request's session, here and, as far as it goes, at the identity provider.
   * @returns the Set-Cookie header that removes the cookie
   * @throws Problem 403 when another site may have sent the request
   */
  async end(request: FastifyRequest): Promise<string> {
    const credentials = readCookieValue(this.#cookieOf(request));
    if (credentials) this.#requireOwnPage(request, credentials);
    await this.#forget(request);
    return this.#setCookie('', new Date(0));
  }

  async #forget(request: FastifyRequest): Promise<void> {
    const credentials = readCookieValue(this.#cookieOf(request));
    if (!credentials) return;
    const session = await this.store.find(credentials.tenantId, idOf(credentials.secret));
    if (!session) return;
    await this.store.remove(session);
    const { refreshToken } = this.#open(session) ?? {};
    // The session has ended whether the provider is there or not.
    if (refreshToken)
      await this.provider
        .revoke(refreshToken)
        .catch((error: unknown) => this.#log.warn(`A refresh token was not revoked: ${String(error)}`));
  }

  #requireOwnPage(request: FastifyRequest, credentials: SessionCredentials): void {
    const reason = crossSiteReason(request, credentials, this.env.origin);
    if (reason === undefined) return;
    throw new Problem({
      status: 403,
      type: 'csrf',
      title: 'The request does not come from a page of this site',
      detail: reason,
      nextStep: 'Send the value "csrf" of GET /v1/me in the header x-csrf, from a page of this site.',
    });
  }

  /** The session's access token, renewed if it is about to expire. */
  async #freshToken(session: Session): Promise<string> {
    const tokens = this.#open(session);
    if (!tokens) throw sessionEnded();
    const leftMs = session.tokenExpiresAt.getTime() - Date.now();
    if (leftMs > earlyMs) return tokens.accessToken;
    const renewing = this.#renewalOf(session, tokens.refreshToken);
    if (leftMs <= 0) return renewing;
    // Still valid: whoever is first renews it, and nobody has to wait.
    renewing.catch((error: unknown) => this.#log.warn(`Tokens were not renewed: ${String(error)}`));
    return tokens.accessToken;
  }

  /** One renewal for all requests of this process that need it at the same time. */
  #renewalOf(session: Session, refreshToken: string | undefined): Promise<string> {
    const key = `${session.id} ${session.version}`;
    const running = this.#renewing.get(key);
    if (running) return running;
    const renewal = this.#renewed(session, refreshToken).finally(() => this.#renewing.delete(key));
    this.#renewing.set(key, renewal);
    return renewal;
  }

  /** Of several processes, one renews; the others wait until it has. */
  async #renewed(session: Session, refreshToken: string | undefined): Promise<string> {
    if (refreshToken === undefined) throw sessionEnded();
    if (await this.store.claimRefresh(session)) return this.#renew(session, refreshToken);
    const asksUntil = Date.now() + waitMs;
    for await (const _ of setInterval(pollMs)) {
      const current = await this.store.find(session.tenantId, session.id);
      const tokens = current && this.#open(current);
      if (!tokens) throw sessionEnded();
      if (current.version !== session.version) return tokens.accessToken;
      // The other one has failed, or died.
      if (await this.store.claimRefresh(session)) return this.#renew(session, refreshToken);
      if (Date.now() > asksUntil) break;
    }
    throw providerSlow();
  }

  async #renew(session: Session, refreshToken: string): Promise<string> {
    try {
      const tokens = await this.provider.refresh(refreshToken);
      await this.store.renew(session, {
        sealed: this.#seal(session, session.version + 1, tokens),
        tokenExpiresAt: tokens.expiresAt,
      });
      return tokens.accessToken;
    } catch (error) {
      if (error instanceof SignInRefused) {
        await this.store.remove(session);
        throw sessionEnded(error);
      }
      await this.store.releaseRefresh(session);
      throw error;
    }
  }

  #seal({ id, tenantId }: Session, version: number, { accessToken, refreshToken }: TokenSet): string {
    const tokens: TokenSet = { accessToken, refreshToken };
    return seal(this.ring, JSON.stringify(tokens), { tenantId, connectorId: id, field: 'tokens', version });
  }

  /** Undefined if the key was taken away, or the row was altered: then the person signs in again. */
  #open({ id, tenantId, version, sealed }: Session): TokenSet | undefined {
    try {
      const text = open(this.ring, sealed, { tenantId, connectorId: id, field: 'tokens', version }).reveal();
      return JSON.parse(text) as TokenSet;
    } catch (error) {
      if (!(error instanceof SecretKeyMissing || error instanceof SecretNotOpened)) throw error;
      this.#log.warn(`A session's tokens cannot be opened: ${error.message}`);
      return undefined;
    }
  }

  #cookieOf({ headers }: FastifyRequest): string | undefined {
    return headers.cookie === undefined ? undefined : parseCookie(headers.cookie)[this.#cookieName];
  }

  #setCookie(value: string, expires: Date): string {
    const { isSecure: secure } = this.env;
    return stringifySetCookie({
      name: this.#cookieName,
      value,
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      secure,
      expires,
    });
  }
}

const known = (
  { tenantId, subject, name, endsAt }: Session,
  { secret }: SessionCredentials,
): KnownSession => ({
  tenantId,
  subject,
  name,
  endsAt,
  csrf: csrfOf(secret),
});

const sessionEnded = (cause?: unknown): Problem =>
  Object.assign(unauthenticated('The session has ended.', cause), {
    nextStep: 'Sign in again at /auth/login.',
  });

const providerSlow = (): Problem =>
  new Problem({
    status: 503,
    type: 'issuer-unavailable',
    title: 'The session cannot be continued at the moment',
    detail: 'The identity provider has not renewed the tokens in time.',
    nextStep: 'Try again.',
    retryAfterSeconds: 5,
  });

/** Which of the two counts would depend on who looks: nobody should have to know. */
const twoCredentials = (): Problem =>
  new Problem({
    status: 400,
    type: 'two-credentials',
    title: 'The request has two credentials',
    detail: 'It has a session cookie and an Authorization header.',
    nextStep: 'Send only one: pages the cookie, programs the header.',
  });
