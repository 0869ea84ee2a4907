import { randomUUID } from 'node:crypto';
import { Body, Controller, HttpCode, Patch, Post } from '@nestjs/common';
import {
  Allow,
  Answer,
  currentCorrelationId,
  CurrentUser,
  Describe,
  IdempotencyIfGiven,
  IfMatch,
  invalidInput,
  keyRequired,
  Principal,
  requireVersion,
  tagged,
  UuidParam,
  type IdempotentRequest,
} from '@isthmus/service-kit';
import { OrderCommands } from '../commands/order-commands.ts';
import { Subscriptions } from '../persistence/subscriptions.ts';
import { ChangeSubscription } from './change-subscription.dto.ts';
import { AssignmentsView, AssignSubscriptions } from './subscription-query.dto.ts';
import { showSubscription, SubscriptionView } from './subscription.view.ts';

@Allow('operator')
@Controller('v1/subscriptions')
export class ChangeSubscriptionController {
  constructor(
    private readonly subscriptions: Subscriptions,
    private readonly orders: OrderCommands,
  ) {}

  @Post('assignments')
  @HttpCode(200)
  @Describe(
    'Assigns many subscriptions to a billing contract, or to none, each by itself: what is refused is told and keeps nothing else back. The same again changes nothing.',
    { returns: AssignmentsView },
  )
  assign(
    @CurrentUser() { tenantId, subject }: Principal,
    @Body() { billingContractId, subscriptionIds, filter, cursor }: AssignSubscriptions,
  ): Promise<AssignmentsView> {
    // A forgotten condition must not move everything there is.
    if (filter && Object.values(filter).every((value) => value === undefined))
      throw invalidInput([{ field: 'filter', message: 'filter must name at least one condition' }]);
    const by = { subject, correlationId: currentCorrelationId() ?? randomUUID() };
    return this.subscriptions.assign(tenantId, { billingContractId, subscriptionIds, filter, cursor }, by);
  }

  @Patch(':id')
  @Describe(
    'Changes friendly name and billing contract at once. Auto-renew is an order to CMP: answered 202, followed under /v1/orders.',
    { returns: SubscriptionView },
  )
  async change(
    @CurrentUser() { tenantId, subject }: Principal,
    @UuidParam() id: string,
    @IfMatch() version: number,
    @IdempotencyIfGiven() request: IdempotentRequest | undefined,
    @Body() { autoRenew, ...fields }: ChangeSubscription,
  ): Promise<Answer> {
    const by = { subject, correlationId: currentCorrelationId() ?? id };
    if (autoRenew === undefined) {
      const row = await this.subscriptions.change(tenantId, id, fields, by, (current) =>
        requireVersion(version, current.version),
      );
      return tagged(showSubscription(row), row.version);
    }
    if (Object.values(fields).some((value) => value !== undefined))
      throw invalidInput([
        { field: 'autoRenew', message: 'autoRenew must be changed alone: it is an order' },
      ]);
    if (!request) throw keyRequired();
    const order = { kind: 'renewal-setting', subscriptionId: id, autoRenew } as const;
    return this.orders.place(request, order, by, version);
  }
}
