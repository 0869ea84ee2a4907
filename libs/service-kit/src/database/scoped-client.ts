import { channel } from 'node:diagnostics_channel';
import { DomainError } from '@isthmus/domain';
import { connectTimeoutMs, plannedName } from '@isthmus/messaging';
import {
  Client,
  type ClientConfig,
  type Connection,
  escapeLiteral,
  type Pool,
  type PoolClient,
  Query,
  type Submittable,
} from 'pg';
import { currentScope, keepingScope, type TenantScope, withoutTenant } from './tenant-scope.ts';

/** Publishes every statement with its scope as it is issued; each is one round trip. Specs count them, and nobody else listens. */
const issued = channel('isthmus:statement');

export interface ScopedClientConfig extends ClientConfig {
  /** The role that jobs over all tenants take for one transaction. */
  crossTenantRole?: string;
}

/**
 * A connection of a pool that runs every statement for the tenant in whose scope it was given (`inTenant`), or as the role over all
 * tenants (`acrossTenants`). Either is set for one transaction and forgotten with it, so that nothing is left behind for the next user
 * of the connection, also behind a pooler such as PgBouncer, and it costs no round trip: a transaction begins with it, and a statement on
 * its own is sent with it, between the same two synchronisation points of the protocol, which PostgreSQL takes for one transaction.
 */
export class ScopedClient extends Client {
  readonly #crossTenantRole: string | undefined;
  /** The setting of the transaction in progress. */
  #began: Setting | undefined;
  /** The setting of its cross-tenant job, before it was restricted to a tenant. */
  #job: Setting | undefined;

  constructor(config?: ScopedClientConfig) {
    // A pool hides the password of its settings from whatever lists them.
    super({ ...config, password: config?.password, connectionTimeoutMillis: connectTimeoutMs });
    this.#crossTenantRole = config?.crossTenantRole;
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- stands for all of pg's overloads, and hands on what it gets
  override query(config: any, values?: any, callback?: any): any {
    const setting = this.#settingFor(currentScope());
    if (typeof config?.submit === 'function') return this.#submit(config, setting, values);
    const query = new ScopedQuery(config, values, callback);
    query.name ??= plannedName(query.text);
    if (issued.hasSubscribers) issued.publish({ text: query.text, scope: currentScope() });
    query.prepareFor = () => this.#prepareFor(query, setting);
    if (query.callback) {
      super.query(query);
      return undefined;
    }
    const result = new Promise((resolve, reject) => {
      query.callback = (error, done) => (error ? reject(error) : resolve(done));
    });
    super.query(query);
    return result.catch((error: Error) => {
      // As pg does: a stack that leads to the caller instead of to the socket.
      Error.captureStackTrace(error);
      throw error;
    });
  }

  /** A cursor sends its own messages: in a transaction it sees what that sees, alone it would see nothing. */
  #submit(query: Submittable, setting: Setting | undefined, callback: unknown): unknown {
    if (setting && this.getTransactionStatus() === 'I') throw new CursorWithoutTransaction();
    return super.query(query as never, callback as never);
  }

  /** Called when it is the query's turn, which is when the connection's state is known. */
  #prepareFor(query: ScopedQuery, setting: Setting | undefined): Error | undefined {
    if (this.getTransactionStatus() === 'I') {
      this.#began = this.#job = undefined;
      if (!setting) return undefined;
      if (!query.requiresPreparation() && beginning.test(query.text)) {
        this.#began = setting;
        const [name, value] = setting;
        query.text += `; select set_config(${escapeLiteral(name)}, ${escapeLiteral(value)}, true)`;
      } else query.first = [setting];
      return undefined;
    }
    if (ending.test(query.text)) {
      // At a savepoint it may be the job's again: whoever goes on as the tenant makes it the tenant's again.
      this.#began = this.#job ?? this.#began;
      return undefined;
    }
    if (!setting || setting[1] === this.#began?.[1]) return undefined;
    if (this.#began?.[0] !== 'role' || setting[0] === 'role')
      return new TransactionOfAnotherTenant(setting, this.#began);
    // A job has found whose row it is: from here on the transaction is that tenant's.
    this.#job = this.#began;
    this.#began = setting;
    query.first = [['role', 'none'], setting];
    return undefined;
  }

  #settingFor(scope: TenantScope | undefined): Setting | undefined {
    if (!scope) return undefined;
    if ('tenantId' in scope) return ['isthmus.tenant', scope.tenantId];
    return this.#crossTenantRole ? ['role', this.#crossTenantRole] : undefined;
  }
}

/** A parameter of PostgreSQL and its value until the transaction ends. */
type Setting = readonly [name: string, value: string];

const beginning = /^\s*(begin|start\s+transaction)\b/i;
const ending = /^\s*(commit|rollback|end|abort)\b/i;

/** Prepared once per connection, before anything else is (`openConnection`). Its row has no columns to be sent and read. */
const setSetting = { name: 'isthmus.set', text: 'select from set_config($1, $2, true)' };

/** Members of pg's Query that its types omit. */
interface QueryInternals {
  text: string;
  name?: string;
  queryMode?: string;
  callback?: (error: Error | undefined, result: unknown) => void;
  requiresPreparation(): boolean;
  prepare(connection: Connection): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: Connection): void;
}

const PgQuery = Query as unknown as new (
  config: unknown,
  values?: unknown,
  callback?: unknown,
) => Omit<Query, 'submit'> & { submit(connection: Connection): Error | null } & QueryInternals;

/** A query that can have settings sent in front of it, in the same transaction; their own results are dropped. */
class ScopedQuery extends PgQuery {
  first: readonly Setting[] = [];
  prepareFor: () => Error | undefined = () => undefined;
  #dropping = 0;

  override submit(connection: Connection): Error | null {
    return this.prepareFor() ?? super.submit(connection);
  }

  override requiresPreparation(): boolean {
    return this.first.length > 0 || super.requiresPreparation();
  }

  override prepare(connection: Connection): void {
    this.#dropping = this.first.length;
    for (const values of this.first) {
      connection.bind({ statement: setSetting.name, values: [...values] }, true);
      connection.execute({}, true);
    }
    super.prepare(connection);
  }

  override handleDataRow(message: unknown): void {
    if (this.#dropping === 0) super.handleDataRow(message);
  }

  override handleCommandComplete(message: unknown, connection: Connection): void {
    if (this.#dropping > 0) this.#dropping -= 1;
    else super.handleCommandComplete(message, connection);
  }
}

/**
 * Makes a pool use such connections. Each is checked when it is opened: a role that PostgreSQL exempts from row-level security would
 * see every tenant's rows in every statement, and so would one that owns the tables, whose policies let their owner migrate them.
 */
export function scopePool(pool: Pool, crossTenantRole: string, onRefused: (error: Error) => void): void {
  const verify = (client: PoolClient, done: (error?: Error) => void) => {
    openConnection(client).then(
      () => done(),
      (error: Error) => {
        if (error instanceof RoleSeesAllTenants) onRefused(error);
        done(error);
      },
    );
  };
  Object.assign(pool.options, { crossTenantRole, verify });
  const connect = pool.connect.bind(pool) as (callback?: unknown) => Promise<PoolClient>;
  Object.assign(pool, {
    Client: ScopedClient,
    // A waiting caller is resumed by the one that releases the connection, and must not run in that one's scope.
    connect: (callback?: (...args: unknown[]) => void) => connect(callback && keepingScope(callback)),
  });
}

async function openConnection(client: PoolClient): Promise<void> {
  await withoutTenant(async () => {
    const { rows } = await client.query<{ role: string; exempt: string | null; owner: string | null }>(
      privileges,
    );
    const { role, exempt, owner } = rows[0]!;
    if (exempt) throw RoleSeesAllTenants.exempt(role, exempt);
    if (owner) throw RoleSeesAllTenants.owner(role, owner);
    await client.query({ ...setSetting, values: ['isthmus.tenant', ''] });
  });
}

/**
 * The roles without limits that the connection's role is or, as a member, may become: one that is exempt from row-level security,
 * and one that owns tables. Its own name comes first.
 */
const privileges = `
  select current_user as role,
    (select rolname from pg_roles where (rolsuper or rolbypassrls) and pg_has_role(oid, 'member')
     order by rolname <> current_user, rolname limit 1) as exempt,
    (select o.rolname from pg_class c join pg_roles o on o.oid = c.relowner
     where c.relnamespace = to_regnamespace('public') and c.relkind in ('r', 'p') and pg_has_role(o.oid, 'member')
     order by o.rolname <> current_user, o.rolname limit 1) as owner`;

/** The service connects as a role that no policy binds. */
export class RoleSeesAllTenants extends DomainError {
  static override readonly code = 'kit.role-sees-all-tenants';

  static exempt(role: string, exempt: string): RoleSeesAllTenants {
    return new RoleSeesAllTenants(
      role,
      exempt,
      "PostgreSQL exempts from row-level security: it would see every tenant's rows",
    );
  }

  static owner(role: string, owner: string): RoleSeesAllTenants {
    return new RoleSeesAllTenants(
      role,
      owner,
      "owns the tables: it sees every tenant's rows and can lift their row-level security",
    );
  }

  private constructor(role: string, privileged: string, why: string) {
    super(
      role === privileged
        ? `DATABASE_URL names the role "${role}", which ${why}. Set it to the role that \`migrate\` creates for the service; only ` +
            'MIGRATION_DATABASE_URL names the owner of the tables.'
        : `DATABASE_URL names the role "${role}", a member of the role "${privileged}", which ${why}. Take it out of that role: ` +
            `revoke "${privileged}" from "${role}".`,
    );
  }
}

/** A mistake in the code: one transaction is one tenant's. */
export class TransactionOfAnotherTenant extends DomainError {
  static override readonly code = 'kit.transaction-of-another-tenant';

  constructor([, wanted]: Setting, began: Setting | undefined) {
    super(
      `A statement for "${wanted}" was given to a transaction that began ${began ? `for "${began[1]}"` : 'without a tenant'}. ` +
        'Begin the transaction inside inTenant() or acrossTenants().',
    );
  }
}

/** A mistake in the code. */
class CursorWithoutTransaction extends DomainError {
  static override readonly code = 'kit.cursor-without-transaction';

  constructor() {
    super('A cursor sees rows of a tenant only in a transaction. Begin one first.');
  }
}
