import { Controller } from '@nestjs/common';
import { ReadOrders, type PlacedOrders } from '@isthmus/contracts';
import { Answers } from '@isthmus/messaging';
import { TenantStore } from '@isthmus/service-kit';
import { readOrderStates } from '../persistence/order-states.ts';
import { tellOrder } from './order-state.ts';

@Controller()
export class AnswerReadOrders {
  constructor(private readonly store: TenantStore) {}

  @Answers(ReadOrders)
  async read({ tenantId, connectorId, orderIds }: ReadOrders): Promise<PlacedOrders> {
    const found = await readOrderStates(this.store.rows(tenantId), connectorId, orderIds);
    return { orders: found.map(tellOrder) };
  }
}
