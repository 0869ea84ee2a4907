import { Injectable } from '@nestjs/common';
import { MikroORM, type EntityManager } from '@mikro-orm/postgresql';
import { transaction } from '@isthmus/service-kit';

/** The one way to a tenant's rows: every find inside sees that tenant's and no other's. */
@Injectable()
export class TenantStore {
  constructor(private readonly orm: MikroORM) {}

  read<T>(tenantId: string, work: (em: EntityManager) => Promise<T>): Promise<T> {
    const em = this.orm.em.fork();
    em.setFilterParams('tenant', { tenantId });
    return work(em);
  }

  /** In one transaction; rolled back when `work` throws. */
  change<T>(tenantId: string, work: (em: EntityManager) => Promise<T>): Promise<T> {
    return transaction(this.orm, (em) => {
      em.setFilterParams('tenant', { tenantId });
      return work(em);
    });
  }
}
