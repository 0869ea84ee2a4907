import { Injectable } from '@nestjs/common';
import { MikroORM, type EntityManager } from '@mikro-orm/postgresql';
import type { Answer } from '../http/answer.ts';
import { idempotent } from '../idempotency/idempotent.ts';
import type { IdempotentRequest } from '../idempotency/idempotent-request.ts';
import { Pool } from 'pg';
import { TenantRows } from './tenant-rows.ts';

/** The one way to a tenant's rows: whatever is found through it is that tenant's. */
@Injectable()
export class TenantStore {
  constructor(
    private readonly orm: MikroORM,
    private readonly pool: Pool,
  ) {}

  rows(tenantId: string): TenantRows {
    return TenantRows.of(this.pool, tenantId);
  }

  /** In one transaction; rolled back when `work` throws. */
  change<T>(tenantId: string, work: (em: EntityManager) => Promise<T>): Promise<T> {
    return this.entities(tenantId).transactional((em) => work(em as EntityManager));
  }

  /** The same, once per Idempotency-Key. */
  changeOnce(request: IdempotentRequest, work: (em: EntityManager) => Promise<Answer>): Promise<Answer> {
    return idempotent(this.entities(request.tenantId), request, work);
  }

  private entities(tenantId: string): EntityManager {
    const em = this.orm.em.fork() as EntityManager;
    em.addFilter({ name: 'tenant', cond: { tenantId } as never, default: true });
    return em;
  }
}
