import { KeyRing, open, seal, SecretKeyMissing, SecretNotOpened } from '@isthmus/service-kit';
import { Injectable } from '@nestjs/common';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyRequest } from 'fastify';
import { ConsoleGatewayEnv } from '../config.ts';
import type { SignInChecks } from './identity-provider.service.ts';

/** A sign-in in progress. */
interface BegunSignIn extends SignInChecks {
  back: string;
  /** Milliseconds since 1970. */
  until: number;
}

const lifetimeSeconds = 600;
/** Tabs that sign in at the same time; cookies of more are removed, before the browser's header gets too long. */
const mostAtOnce = 5;
const owner = { tenantId: '', connectorId: '', field: 'sign-in', version: 1 };

/**
 * Keeps sign-ins in progress in the browser, sealed: whoever begins one is thereby the only one who can end it, and strangers fill no
 * table. One cookie each, so that several tabs can sign in.
 */
@Injectable()
export class SignInCookies {
  constructor(
    private readonly ring: KeyRing,
    private readonly env: ConsoleGatewayEnv,
  ) {}

  get #prefix(): string {
    return this.env.isSecure ? '__Host-isthmus_sign_in_' : 'isthmus_sign_in_';
  }

  /** The Set-Cookie headers of a sign-in that begins. */
  begin(request: FastifyRequest, checks: SignInChecks, back: string): string[] {
    const begun: BegunSignIn = { ...checks, back, until: Date.now() + lifetimeSeconds * 1000 };
    const others = Object.keys(cookiesOf(request)).filter((name) => this.#isOurs(name));
    const stale = others.length < mostAtOnce ? [] : others;
    return [
      ...stale.map((name) => this.#cookie(name, '', 0)),
      this.#cookie(
        this.#nameOf(checks.state),
        seal(this.ring, JSON.stringify(begun), owner),
        lifetimeSeconds,
      ),
    ];
  }

  /** The sign-in that this browser has begun with the state; undefined if there is none, or it took too long. */
  read(request: FastifyRequest, state: string): BegunSignIn | undefined {
    const sealed = cookiesOf(request)[this.#nameOf(state)];
    if (!sealed) return undefined;
    try {
      const begun = JSON.parse(open(this.ring, sealed, owner).reveal()) as BegunSignIn;
      return begun.state === state && begun.until > Date.now() ? begun : undefined;
    } catch (error) {
      if (error instanceof SecretKeyMissing || error instanceof SecretNotOpened) return undefined;
      throw error;
    }
  }

  /** The Set-Cookie header that removes it. */
  end(state: string): string {
    return this.#cookie(this.#nameOf(state), '', 0);
  }

  #nameOf(state: string): string {
    return this.#prefix + state.replace(/[^\w-]/g, '').slice(0, 12);
  }

  /** A name that only looks like one of ours may be one that cannot be written into a header. */
  #isOurs(name: string): boolean {
    return name.startsWith(this.#prefix) && /^[\w-]{1,12}$/.test(name.slice(this.#prefix.length));
  }

  #cookie(name: string, value: string, maxAge: number): string {
    const { isSecure: secure } = this.env;
    return stringifySetCookie({ name, value, path: '/', httpOnly: true, sameSite: 'lax', secure, maxAge });
  }
}

const cookiesOf = ({ headers }: FastifyRequest): Record<string, string | undefined> =>
  parseCookie(headers.cookie ?? '');
