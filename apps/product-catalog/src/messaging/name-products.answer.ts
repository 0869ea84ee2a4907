import { Controller } from '@nestjs/common';
import { NameProducts, type NamedProducts } from '@isthmus/contracts';
import { Answers } from '@isthmus/messaging';
import { TenantStore } from '@isthmus/service-kit';
import { nameProducts } from '../persistence/queries/name-products.query.ts';

@Controller()
export class AnswerNameProducts {
  constructor(private readonly store: TenantStore) {}

  @Answers(NameProducts)
  async name({ tenantId, connectorId, products }: NameProducts): Promise<NamedProducts> {
    return { names: await nameProducts(this.store.rows(tenantId), connectorId, products) };
  }
}
