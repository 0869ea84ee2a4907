import { types } from 'node:util';
import type { Configuration, DriverException } from '@mikro-orm/core';
import { PostgreSqlConnection, PostgreSqlDriver } from '@mikro-orm/postgresql';

/** SQLSTATE classes and codes that mean that the server is unavailable, not that the statement is wrong. */
const unavailableStates = /^(08...|57P0[1-5]|53300|57014)$/;
const unavailableMessages =
  /Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|not queryable|Cannot use a pool after calling end|the database system is/i;
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

const rowInMessage = /\n - detail: [^]*?(?=\n {4}at |\n - \w+: |$)/g;

type Dialect = ReturnType<PostgreSqlConnection['createKyselyDialect']>;
type KyselyDriver = ReturnType<Dialect['createDriver']>;

/**
 * MikroORM's driver, which returns a connection to the pool if its transaction fails. Kysely 0.29 releases it only after a
 * `begin`, `commit` or `rollback` that succeeded, and on a broken connection none of them succeeds: without this, every
 * transaction that PostgreSQL aborts permanently occupies a place in the pool, and ten of them occupy all.
 */
export class ReleasingDriver extends PostgreSqlDriver {
  constructor(config: Configuration) {
    super(config);
    Object.assign(this, { connection: new ReleasingConnection(config) });
  }

  /** MikroORM puts the whole row that broke a rule into the error's message; sealed secrets and names are in such rows. */
  override convertException(exception: Error): DriverException {
    const converted = super.convertException(exception);
    converted.message = converted.message.replace(rowInMessage, '');
    converted.stack = converted.stack?.replace(rowInMessage, '');
    return converted;
  }
}

class ReleasingConnection extends PostgreSqlConnection {
  override createKyselyDialect(
    overrides: Parameters<PostgreSqlConnection['createKyselyDialect']>[0],
  ): Dialect {
    const dialect = super.createKyselyDialect(overrides);
    const createDriver = dialect.createDriver.bind(dialect);
    dialect.createDriver = () => releasing(createDriver());
    return dialect;
  }
}

function releasing(driver: KyselyDriver): KyselyDriver {
  const begin = driver.beginTransaction.bind(driver);
  driver.beginTransaction = async (connection, settings) => {
    try {
      await begin(connection, settings);
    } catch (error) {
      await driver.releaseConnection(connection);
      throw error;
    }
  };
  const rollback = driver.rollbackTransaction.bind(driver);
  // If the connection is lost, the server rolls back on its own, and the pool discards the broken connection.
  driver.rollbackTransaction = (connection) => rollback(connection).catch(() => undefined);
  return driver;
}
