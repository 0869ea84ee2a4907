import { types } from 'node:util';

/** SQLSTATE classes and codes that mean that the server is unavailable, not that the statement is wrong. */
const unavailableStates = /^(08...|57P0[1-5]|53300|57014)$/;
const unavailableMessages =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|Cannot use a pool after calling end|the database system is/i;
const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/**
 * Whether an error, or its cause, means that PostgreSQL cannot be reached.
 * @param port the database's port: a refused connection to any other port is another server's failure
 */
export function isDatabaseDown(error: unknown, port: number, depth = 0): boolean {
  if (!types.isNativeError(error) || depth > 5) return false;
  const {
    code,
    port: at,
    cause,
    errors,
  } = error as { code?: unknown; port?: unknown; cause?: unknown; errors?: unknown[] };
  if (typeof code === 'string' && unavailableStates.test(code) && code !== '57014') return true;
  if (unavailableMessages.test(error.message)) return true;
  if (
    typeof code === 'string' &&
    networkCodes.has(code) &&
    (at === port || at === undefined) &&
    !isHttp(error)
  )
    return true;
  if (Array.isArray(errors) && errors.some((one) => isDatabaseDown(one, port, depth + 1))) return true;
  return isDatabaseDown(cause, port, depth + 1);
}

/** Sockets of HTTP clients fail with the same codes but without the port; undici's errors can be recognised by their name. */
function isHttp(error: Error): boolean {
  return error.constructor.name.startsWith('Undici') || 'socket' in error;
}
