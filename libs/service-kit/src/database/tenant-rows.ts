import type { EntityManager } from '@mikro-orm/postgresql';
import type { ClientBase, Pool, QueryResultRow } from 'pg';
import { clientOf } from './client-of.ts';

/**
 * Plain statements over one tenant's rows. `$1` is the tenant in every one of them, and PostgreSQL refuses a statement
 * that is given a parameter it does not use: one that forgets its tenant fails instead of showing everybody's rows.
 */
export class TenantRows {
  private constructor(
    private readonly on: Pick<Pool | ClientBase, 'query'>,
    readonly tenantId: string,
  ) {}

  static of(on: Pick<Pool | ClientBase, 'query'>, tenantId: string): TenantRows {
    return new TenantRows(on, tenantId);
  }

  /** In the transaction of `em`, after what it has flushed. */
  static within(em: EntityManager, tenantId: string): TenantRows {
    return new TenantRows(clientOf(em), tenantId);
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
    const { rows } = await (this.on as Pool).query<R>({ name, text, values: [this.tenantId, ...values] });
    return rows;
  }
}
