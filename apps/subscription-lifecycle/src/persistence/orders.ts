import { Injectable } from '@nestjs/common';
import { earlierAnswer, type Answer, type IdempotentRequest, type Principal } from '@isthmus/service-kit';
import { Pool } from 'pg';
import type { OrderRecord } from '../domain/order/order-record.ts';
import { changeOrder } from './change-order.ts';
import type { OrderRow } from './order-row.ts';
import { placeOrder, type OrderCommand } from './place-order.ts';

/** The orders as people reach them; workers reach them through their leases. */
@Injectable()
export class Orders {
  constructor(private readonly pool: Pool) {}

  place(
    request: IdempotentRequest,
    command: OrderCommand,
    show: (record: OrderRecord) => object,
  ): Promise<Answer> {
    return placeOrder(this.pool, request, command, show);
  }

  /** The answer that a command got before; nothing when it is new. */
  answered(request: IdempotentRequest): Promise<Answer | null> {
    return earlierAnswer(this.pool, request);
  }

  change(
    user: Principal,
    id: string,
    change: (order: OrderRecord, now: number) => OrderRecord,
  ): Promise<OrderRow> {
    return changeOrder(this.pool, user, id, change);
  }
}
