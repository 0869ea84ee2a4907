import { DomainError } from '@isthmus/domain';
import { Injectable } from '@nestjs/common';
import * as oidc from 'openid-client';
import { ConsoleGatewayEnv } from '../config.ts';

/** What the identity provider has issued; only its sealed form leaves the process. */
export interface IssuedTokens {
  accessToken: string;
  refreshToken?: string;
  /** The person's name, for the page. */
  name?: string;
  expiresAt: Date;
}

/** What a sign-in has begun with, and must end with. */
export interface SignInChecks {
  state: string;
  nonce: string;
  codeVerifier: string;
}

/** The provider, or the person, has said no. */
export class SignInRefused extends DomainError {
  static override readonly code = 'sign-in.refused';

  constructor(
    readonly reason: 'cancelled' | 'refused',
    cause: unknown,
  ) {
    super('The identity provider has refused the sign-in.', { cause });
  }
}

export class IdentityProviderUnavailable extends DomainError {
  static override readonly code = 'sign-in.provider-unavailable';

  constructor(cause: unknown) {
    super('The identity provider does not respond.', { nextStep: 'Try again in a moment.', cause });
  }
}

const timeoutSeconds = 10;
/** Endpoints of a provider change rarely, but not never. */
const configurationMs = 3_600_000;
/** Where a provider does not say how long a token is valid. */
const defaultLifetimeSeconds = 300;

/** The client of the identity provider (OpenID Connect): signs people in, renews and revokes their tokens. */
@Injectable()
export class IdentityProvider {
  #known: { configuration: oidc.Configuration; until: number } | undefined;

  constructor(private readonly env: ConsoleGatewayEnv) {}

  /** Where to send the browser, and what to compare when it comes back. */
  async beginSignIn(): Promise<SignInChecks & { url: URL }> {
    const configuration = await this.configuration();
    const checks = {
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      codeVerifier: oidc.randomPKCECodeVerifier(),
    };
    const url = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: `${this.env.origin}/auth/callback`,
      scope: this.env.OIDC_SCOPE,
      state: checks.state,
      nonce: checks.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(checks.codeVerifier),
      code_challenge_method: 'S256',
    });
    return { ...checks, url };
  }

  /**
   * Exchanges the code that the browser has brought back.
   * @param query of the callback
   * @throws SignInRefused, IdentityProviderUnavailable
   */
  async endSignIn(query: string, { state, nonce, codeVerifier }: SignInChecks): Promise<IssuedTokens> {
    const configuration = await this.configuration();
    const callback = new URL(`${this.env.origin}/auth/callback${query}`);
    return issued(
      await answered(
        oidc.authorizationCodeGrant(configuration, callback, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: codeVerifier,
          idTokenExpected: true,
        }),
      ),
    );
  }

  /** @throws SignInRefused when the person has to sign in again, IdentityProviderUnavailable */
  async refresh(refreshToken: string): Promise<IssuedTokens> {
    const configuration = await this.configuration();
    const tokens = issued(await answered(oidc.refreshTokenGrant(configuration, refreshToken)));
    // A provider that does not replace the refresh token leaves it out.
    return { ...tokens, refreshToken: tokens.refreshToken ?? refreshToken };
  }

  /** Revokes a refresh token, where the provider can. */
  async revoke(refreshToken: string): Promise<void> {
    const configuration = await this.configuration();
    if (configuration.serverMetadata().revocation_endpoint === undefined) return;
    await answered(oidc.tokenRevocation(configuration, refreshToken));
  }

  /** Where a browser signs out of the provider as well; undefined if it has no such page. */
  async signOutUrl(): Promise<string | undefined> {
    const configuration = await this.configuration();
    if (configuration.serverMetadata().end_session_endpoint === undefined) return undefined;
    return oidc.buildEndSessionUrl(configuration, { post_logout_redirect_uri: `${this.env.origin}/` }).href;
  }

  private async configuration(): Promise<oidc.Configuration> {
    if (this.#known && this.#known.until > Date.now()) return this.#known.configuration;
    const { OIDC_DISCOVERY_URL, OIDC_ISSUER, OIDC_CLIENT_ID, clientSecret } = this.env;
    const server = new URL(OIDC_DISCOVERY_URL ?? OIDC_ISSUER);
    try {
      const configuration = await oidc.discovery(
        server,
        OIDC_CLIENT_ID,
        clientSecret,
        clientSecret === undefined ? oidc.None() : undefined,
        {
          timeout: timeoutSeconds,
          // Only an address of this machine passes the settings' check.
          execute: server.protocol === 'http:' ? [oidc.allowInsecureRequests] : [],
        },
      );
      this.#known = { configuration, until: Date.now() + configurationMs };
      return configuration;
    } catch (cause) {
      if (this.#known) return this.#known.configuration;
      throw new IdentityProviderUnavailable(cause);
    }
  }
}

type TokenResponse = oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers;

function issued(response: TokenResponse): IssuedTokens {
  const { access_token: accessToken, refresh_token: refreshToken } = response;
  const { name, preferred_username: login } = (response.claims() ?? {}) as Record<string, unknown>;
  const lifetime = response.expires_in ?? defaultLifetimeSeconds;
  return {
    accessToken,
    refreshToken,
    name: [name, login].find((one): one is string => typeof one === 'string' && one !== ''),
    expiresAt: new Date(Date.now() + lifetime * 1000),
  };
}

/** @throws SignInRefused when the provider says no, IdentityProviderUnavailable when it says nothing that can be understood */
async function answered<T>(response: Promise<T>): Promise<T> {
  try {
    return await response;
  } catch (error) {
    if (error instanceof oidc.AuthorizationResponseError)
      throw new SignInRefused(error.error === 'access_denied' ? 'cancelled' : 'refused', error);
    if (error instanceof oidc.ResponseBodyError && error.status < 500)
      throw new SignInRefused('refused', error);
    // Claims, state or signature are not what they have to be.
    if (error instanceof oidc.ClientError && !unreachable.has(error.code ?? ''))
      throw new SignInRefused('refused', error);
    throw new IdentityProviderUnavailable(error);
  }
}

const unreachable = new Set([
  '',
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_PARSE_ERROR',
]);
