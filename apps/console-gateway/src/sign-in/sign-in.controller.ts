import {
  Allow,
  CurrentUser,
  Describe,
  invalidInput,
  NotAudited,
  Open,
  OrNull,
  Principal,
  Problem,
  type Role,
  roles,
  ServiceEnv,
  tokenVerifier,
  type VerifyToken,
} from '@isthmus/service-kit';
import { IsArray, IsBoolean, IsIn, IsISO8601, IsOptional, IsString, IsUUID } from 'class-validator';
import { Controller, Get, HttpCode, Logger, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ConsoleGatewayEnv } from '../config.ts';
import { isPage } from '../pages/page.ts';
import { Sessions } from '../sessions/sessions.service.ts';
import { IdentityProvider, IdentityProviderUnavailable, SignInRefused } from './identity-provider.service.ts';
import { SignInCookies } from './sign-in-cookies.service.ts';

/** Who calls. */
class Me {
  /** The subject of the token, as the audit log has it. */
  @IsString() sub!: string;
  @IsString() name!: string;
  @IsUUID() tenant!: string;
  @OrNull() @IsString() tenantName!: string | null;
  @IsArray() @IsIn(roles, { each: true }) roles!: Role[];
  /** The highest of them. */
  @OrNull() @IsIn(roles) role!: Role | null;
  /** Value of the header x-csrf of writes; null for a program. */
  @OrNull() @IsString() csrf!: string | null;
  /** End of the session, or of the token. */
  @IsISO8601() expiresAt!: string;
  /** Address of a trace in the tracing backend, with `{traceId}` for its id. */
  @OrNull() @IsString() traceUrlTemplate!: string | null;
  /** Address of a connector's control panel at CMP, with `{marketplace}`, `{region}` and `{accountId}`. */
  @OrNull() @IsString() controlPanelUrlTemplate!: string | null;
}

/** The fields other than `signedIn` are there if that is true. */
class SessionState {
  @IsBoolean() signedIn!: boolean;
  @IsOptional() @IsString() sub?: string;
  @IsOptional() @IsString() name?: string;
  @IsOptional() @IsUUID() tenant?: string;
  /** Value of the header x-csrf of writes. */
  @IsOptional() @IsString() csrf?: string;
  @IsOptional() @IsISO8601() expiresAt?: string;
}

class SignedOut {
  /** A path of this site, or the provider's page for signing out. */
  @IsString() next!: string;
}

/** Signs people in by the authorization code flow with PKCE; their tokens stay here. */
@Controller()
export class SignInController {
  readonly #log = new Logger(SignInController.name);
  readonly #verify: VerifyToken;

  constructor(
    private readonly provider: IdentityProvider,
    private readonly sessions: Sessions,
    private readonly cookies: SignInCookies,
    private readonly env: ConsoleGatewayEnv,
  ) {
    this.#verify = tokenVerifier(env as ServiceEnv);
  }

  @Open()
  @Get('auth/login')
  @Describe('Sends the browser to the identity provider, and afterwards to `back`, a path of this site.', {
    status: 303,
  })
  async login(
    @Query('back') back: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const path = safeBack(typeof back === 'string' || back === undefined ? back : '//');
    if (path === undefined)
      throw invalidInput([{ field: 'back', message: 'back must be the path of a page of this site' }]);
    const elsewhere = this.#sameMachine(request);
    if (elsewhere) {
      // Cookies belong to a host name, and the provider sends the browser back to the one in CONSOLE_URL.
      await reply.redirect(`${elsewhere}/auth/login?${new URLSearchParams({ back: path }).toString()}`, 303);
      return;
    }
    const { url, ...checks } = await this.provider.beginSignIn();
    await reply.header('set-cookie', this.cookies.begin(request, checks, path)).redirect(url.href, 303);
  }

  @Open()
  @Get('auth/callback')
  @Describe('The identity provider sends the browser here. It gets a session, or the reason why not.', {
    status: 303,
  })
  async callback(
    @Query('state') state: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const begun = typeof state === 'string' ? this.cookies.read(request, state) : undefined;
    if (!begun) return this.#failed(reply, 'expired');
    void reply.header('set-cookie', this.cookies.end(begun.state));
    try {
      const query = request.url.slice(request.url.indexOf('?'));
      const tokens = await this.provider.endSignIn(query, begun);
      // A session is for those whose requests the services accept.
      const person = await this.#verify.check(tokens.accessToken);
      const cookie = await this.sessions.begin(request, person, tokens);
      this.#log.log({ msg: 'A person has signed in.', tenantId: person.tenantId, subject: person.subject });
      await reply.header('set-cookie', cookie).redirect(begun.back, 303);
    } catch (error) {
      return this.#failed(reply, reasonOf(error), error);
    }
  }

  @Open()
  @Get('auth/me')
  @Describe('Whether the browser has a session, and whose.', { returns: SessionState })
  async state(@Req() request: FastifyRequest): Promise<SessionState> {
    const session = await this.sessions.find(request);
    if (!session) return { signedIn: false };
    const { subject: sub, name, tenantId: tenant, csrf, endsAt } = session;
    return { signedIn: true, sub, name, tenant, csrf, expiresAt: endsAt.toISOString() };
  }

  @Open()
  @NotAudited('the identity provider keeps the log of sign-ins')
  @Post('auth/logout')
  @HttpCode(200)
  @Describe('Ends the session. Needs the header x-csrf. `next` is where the browser goes.', {
    returns: SignedOut,
  })
  async logout(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SignedOut> {
    const cookie = await this.sessions.end(request);
    void reply.header('set-cookie', cookie);
    return { next: (await this.provider.signOutUrl().catch(() => undefined)) ?? '/' };
  }

  @Allow('viewer')
  @Get('v1/me')
  @Describe('The caller: a person with a session, or a program with a token.', { returns: Me })
  me(@CurrentUser() user: Principal, @Req() request: FastifyRequest): Me {
    const session = this.sessions.of(request);
    return {
      sub: user.subject,
      name: session?.name ?? user.subject,
      tenant: user.tenantId,
      tenantName: this.env.tenantNames.get(user.tenantId) ?? null,
      roles: [...user.roles],
      role: user.highestRole,
      csrf: session?.csrf ?? null,
      expiresAt: (session?.endsAt ?? new Date(user.expiresAt)).toISOString(),
      traceUrlTemplate: this.env.TRACE_URL_TEMPLATE ?? null,
      controlPanelUrlTemplate: this.env.CONTROL_PANEL_URL_TEMPLATE ?? null,
    };
  }

  /** `http://127.0.0.1:8100` for a browser that came to `localhost:8100`, or the other way round. */
  #sameMachine({ headers }: FastifyRequest): string | undefined {
    const own = new URL(this.env.CONSOLE_URL);
    const local = new Set([`localhost:${own.port}`, `127.0.0.1:${own.port}`]);
    const { host = '' } = headers;
    return !this.env.isSecure && host !== own.host && local.has(host) && local.has(own.host)
      ? own.origin
      : undefined;
  }

  async #failed(reply: FastifyReply, reason: FailedSignIn, error?: unknown): Promise<void> {
    this.#log.warn({ msg: 'A sign-in has failed.', reason, err: error });
    await reply.redirect(`/?signInError=${reason}`, 303);
  }
}

type FailedSignIn = 'cancelled' | 'refused' | 'expired' | 'unavailable';

function reasonOf(error: unknown): FailedSignIn {
  if (error instanceof SignInRefused) return error.reason;
  if (error instanceof IdentityProviderUnavailable) return 'unavailable';
  if (error instanceof Problem) return error.status === 401 ? 'refused' : 'unavailable';
  throw error;
}

const longest = 2_000;
/**
 * Where a browser goes after its sign-in: a path of this site, or undefined for anything that a browser might take for another site.
 */
function safeBack(back: string | undefined): string | undefined {
  if (back === undefined || back === '') return '/';
  if (back.length > longest || !/^\/(?![/\\])[\x21-\x7e]*$/.test(back) || back.includes('\\'))
    return undefined;
  const site = 'https://site.invalid';
  const url = URL.canParse(back, site) ? new URL(back, site) : undefined;
  if (!url || url.origin !== site || url.pathname.startsWith('//') || !isPage(url.pathname)) return undefined;
  if (/%(?![\da-f]{2})/i.test(url.pathname)) return undefined;
  return url.pathname + url.search + url.hash;
}
