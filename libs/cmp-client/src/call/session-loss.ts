import { CmpRejected } from '../errors/cmp-rejected.error.ts';

/** CMP's words for a session that has ended: "Access token is missing, expired or invalid", and others that mean the same. */
const ofToken =
  /\b(token|session|jwt)\b.*\b(expired|invalid|missing|not valid|ended|terminated|unknown|revoked)\b|\b(expired|invalid|missing|unknown|revoked)\b.*\b(token|session|jwt)\b/i;

/**
 * A session ends when another one begins, or after so many calls, where calls run side by side: one new token may not be enough. There is
 * no pause between them, in which only the next session of somebody else would begin.
 */
export const mostRenewals = 5;

/**
 * Tells a session that CMP has ended from a right that the user lacks. CMP documents 401 and 403 for the first, and 403 for the second.
 * A 401, and a 403 that speaks of the token, always mean the session. Any other 403 may: it is a matter of rights only when the
 * operation is refused with a fresh token too, and with several of them where it has been let through before.
 */
export class SessionLosses {
  /** By operation, the tokens with which it was refused since it was last let through, in words that do not speak of them. */
  readonly #refused = new Map<string, Set<string>>();
  readonly #worked = new Set<string>();

  /** Whether the refusal of a call that was made with `token` calls for a new one. */
  isOne(error: unknown, operation: string, token: string): error is CmpRejected {
    if (!(error instanceof CmpRejected)) return false;
    if (speaksOfToken(error)) return true;
    if (error.category !== 'permission') return false;
    const tokens = this.#refused.get(operation) ?? new Set();
    this.#refused.set(operation, tokens);
    const most = this.#worked.has(operation) ? mostRenewals : 1;
    if (tokens.size <= most) tokens.add(token);
    return tokens.size <= most;
  }

  /** Whether CMP has let anything through at all: then the credentials are good, and what is refused is the session. */
  get hasWorked(): boolean {
    return this.#worked.size > 0;
  }

  passed(operation: string): void {
    this.#worked.add(operation);
    this.#refused.delete(operation);
  }
}

export const speaksOfToken = ({ category, httpStatus, cmpMessage = '' }: CmpRejected): boolean =>
  (category === 'credentials' && httpStatus === 401) ||
  (category === 'permission' && httpStatus === 403 && ofToken.test(cmpMessage));
