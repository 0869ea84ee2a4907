import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { Allow, CurrentUser, Describe, Principal, TenantStore, UuidParam } from '@isthmus/service-kit';
import { askWithdrawal, resolve, retry, type Decision } from '../domain/order/by-hand.ts';
import { readOrder } from '../persistence/queries.ts';
import { Orders } from '../persistence/orders.ts';
import { ResolveOrder } from './decide-order.dto.ts';
import { OrderView, showOrder } from './order.view.ts';

@Allow('operator')
@Controller('v1/orders/:id')
export class OrderActionsController {
  constructor(
    private readonly orders: Orders,
    private readonly store: TenantStore,
  ) {}

  @Post('withdraw')
  @HttpCode(202)
  @Describe('Withdraws an order as long as CMP has not begun with it.', { returns: OrderView })
  async withdraw(@CurrentUser() user: Principal, @UuidParam() id: string): Promise<OrderView> {
    await this.orders.change(user, id, askWithdrawal);
    return this.#show(user, id);
  }

  @Post('retry')
  @HttpCode(202)
  @Describe('One more attempt of an order that needs attention; it is looked for at CMP first.', {
    returns: OrderView,
  })
  async retry(@CurrentUser() user: Principal, @UuidParam() id: string): Promise<OrderView> {
    await this.orders.change(user, id, retry);
    return this.#show(user, id);
  }

  @Post('resolve')
  @HttpCode(200)
  @Describe('Decides an order that needs attention, with a reason.', { returns: OrderView })
  async resolve(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
    @Body() { outcome, cmpOrderId = '', reason: because }: ResolveOrder,
  ): Promise<OrderView> {
    const decision: Decision =
      outcome === 'found' ? { resolve: 'found', cmpOrderId, because } : { resolve: outcome, because };
    await this.orders.change(user, id, (order, now) => resolve(order, decision, user.subject, now));
    return this.#show(user, id);
  }

  async #show({ tenantId }: Principal, id: string): Promise<OrderView> {
    return showOrder(await readOrder(this.store.rows(tenantId), id));
  }
}
