import type { Configuration, DriverException } from '@mikro-orm/core';
import { PostgreSqlConnection, PostgreSqlDriver } from '@mikro-orm/postgresql';

const rowInMessage = /\n - detail: [^]*?(?=\n {4}at |\n - \w+: |$)/g;

type Dialect = ReturnType<PostgreSqlConnection['createKyselyDialect']>;
type KyselyDriver = ReturnType<Dialect['createDriver']>;

/**
 * MikroORM's driver, which returns a connection to the pool if its transaction fails. Kysely 0.29 releases it only after a
 * `begin`, `commit` or `rollback` that succeeded, and a broken connection succeeds in none of them: without this, every
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
