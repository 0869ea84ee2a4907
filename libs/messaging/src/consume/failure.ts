import { causesOf, codeOf, messageOf } from './code-of.ts';

/** What to do about a handler's error. */
export type FailureKind =
  /** Something the handler needs is away: wait, it is not the message's fault. */
  | 'unavailable'
  /** PostgreSQL cannot store what the message says, and never will. */
  | 'unstorable'
  | 'other';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html and the codes of Node's sockets. */
const unavailable =
  /^(08(?!P01)...|57P0[123]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN|ask\.(timed-out|no-responders|disconnected))$/;
/** Data exceptions, such as an out-of-range value; a NUL character in a bound text is a protocol violation (08P01) instead. */
const unstorable = /^(22...|08P01)$/;
/** node-postgres gives these no code. */
const lostConnection =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/;

export function failureKind(error: unknown): FailureKind {
  for (const cause of causesOf(error)) {
    const code = codeOf(cause) ?? '';
    if (unavailable.test(code) || lostConnection.test(messageOf(cause))) return 'unavailable';
    if (unstorable.test(code)) return 'unstorable';
  }
  return 'other';
}
