/**
 * Returns an error's code. Checks its shape instead of its class, because an error may come from another realm, as Node's own do
 * under Jest.
 */
export function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' || typeof code === 'number' ? String(code) : undefined;
}

/** An error's message. */
export function messageOf(error: unknown): string {
  const isError = typeof error === 'object' && error !== null && 'message' in error;
  return String(isError ? error.message : error);
}

/** The error, what caused it, what caused that, and so on. */
export function* causesOf(error: unknown): Generator {
  for (let at = error, depth = 0; at && depth < 5; depth += 1) {
    yield at;
    at = typeof at === 'object' && 'cause' in at ? at.cause : undefined;
  }
}

/** The consequence of a handler's error for the message. */
export type FailureKind =
  /** Something the handler needs cannot be reached: wait, the message is not to blame. */
  | 'unavailable'
  /** PostgreSQL cannot store what the message contains, and never will. */
  | 'unstorable'
  | 'other';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html and the codes of Node's sockets. */
const unavailable =
  /^(08(?!P01)...|57P0[123]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN|request\.(timeout|no-responders|disconnected)|nats\.(unavailable|permission-denied))$/;
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
