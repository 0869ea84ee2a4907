import { type EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { type ClientBase, Pool, type QueryResultRow } from 'pg';
import type { ApiResponse } from '../http/api-response.ts';
import type { IdempotentRequest } from '../idempotency/idempotent-request.ts';
import { idempotent } from '../idempotency/idempotent.ts';
import { inTenant } from './tenant-scope.ts';
import { clientIn } from './transactions.ts';

/** The only access to a tenant's rows: everything found through it belongs to that tenant. */
@Injectable()
export class TenantStore {
  constructor(
    private readonly orm: MikroORM,
    private readonly pool: Pool,
  ) {}

  rows(tenantId: string): TenantRows {
    return TenantRows.of(this.pool, tenantId);
  }

  /** Runs without a transaction. */
  read<T>(tenantId: string, work: (em: EntityManager) => Promise<T>): Promise<T> {
    return inTenant(tenantId, () => work(this.entities(tenantId)));
  }

  /** Runs in one transaction; rolled back if `work` throws. */
  change<T>(tenantId: string, work: (em: EntityManager) => Promise<T>): Promise<T> {
    return inTenant(tenantId, () => this.entities(tenantId).transactional((em) => work(em as EntityManager)));
  }

  /** Like `change`, but once per Idempotency-Key. */
  changeOnce(
    request: IdempotentRequest,
    work: (em: EntityManager) => Promise<ApiResponse>,
  ): Promise<ApiResponse> {
    return idempotent(this.entities(request.tenantId), request, work);
  }

  private entities(tenantId: string): EntityManager {
    const em = this.orm.em.fork() as EntityManager;
    em.addFilter({ name: 'tenant', cond: { tenantId } as never, default: true });
    return em;
  }
}

/**
 * Serialises commands of one tenant on one kind of record until their transactions end, so that none is added between counting
 * the existing ones and deciding that there is room for another.
 */
export async function lockTenant(em: EntityManager, tenantId: string, kind: string): Promise<void> {
  await em.execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [`${kind} of ${tenantId}`]);
}

/**
 * Plain statements over one tenant's rows. `$1` is the tenant in each of them, and PostgreSQL rejects a statement with a
 * parameter that it does not use: a statement without its tenant fails instead of returning everybody's rows.
 */
export class TenantRows {
  private constructor(
    private readonly on: Pick<Pool | ClientBase, 'query'>,
    readonly tenantId: string,
  ) {}

  static of(on: Pick<Pool | ClientBase, 'query'>, tenantId: string): TenantRows {
    return new TenantRows(on, tenantId);
  }

  /** Uses the transaction of `em`, after its flushed changes. */
  static within(em: EntityManager, tenantId: string): TenantRows {
    return new TenantRows(clientIn(em), tenantId);
  }

  /**
   * @param values from `$2` on
   * @param name plans the statement once per connection, where planning takes longer than running
   */
  async select<R extends QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
    name?: string,
  ): Promise<R[]> {
    const statement = { name, text, values: [this.tenantId, ...values] };
    const { rows } = await inTenant(this.tenantId, () => (this.on as Pool).query<R>(statement));
    return rows;
  }
}

/** Collects the filters of a list with their values; `$1` is the tenant. */
export class Conditions {
  readonly values: unknown[] = [];
  readonly #terms: string[];

  constructor(tenantTerm: string) {
    this.#terms = [tenantTerm];
  }

  /** Adds a placeholder for `value`. */
  param(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length + 1}`;
  }

  /** Adds the term unless the filter was not given. */
  when<T>(value: T | undefined, term: (placeholder: string) => string): this {
    if (value !== undefined) this.#terms.push(term(this.param(value)));
    return this;
  }

  and(term: string): this {
    this.#terms.push(term);
    return this;
  }

  /** Only rows after this place of the order; all of them without one. */
  after(
    key: readonly unknown[] | undefined,
    columns: string,
    casts: readonly string[],
    way: '>' | '<' = '>',
  ): this {
    if (!key) return this;
    const places = key.map((part, index) => `${this.param(part)}::${casts[index]}`);
    return this.and(`(${columns}) ${way} (${places.join(', ')})`);
  }

  toString(): string {
    return this.#terms.join(' and ');
  }
}

/** An ILIKE pattern that matches the string anywhere. */
export const anywhere = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;
