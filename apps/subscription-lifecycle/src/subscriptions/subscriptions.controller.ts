import { randomUUID } from 'node:crypto';
import {
  Allow,
  ApiResponse,
  Audited,
  currentCorrelationId,
  CurrentUser,
  decodeCursor,
  Describe,
  IdempotencyIfGiven,
  type IdempotentRequest,
  IfMatch,
  invalidInput,
  idempotencyKeyRequired,
  type Page,
  toPage,
  PageQuery,
  Principal,
  requireVersion,
  withEtag,
  TenantStore,
  UuidParam,
} from '@isthmus/service-kit';
import { Body, Controller, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { IsOptional, IsString, Length } from 'class-validator';
import { noSuchLine } from '../orders/order.errors.ts';
import { acceptedOrder, OrderView } from '../orders/orders.dto.ts';
import { OrderService } from '../orders/orders.service.ts';
import { ChangeRulesSource } from '../orders/resolving/order-resolver.service.ts';
import { factsForOptions, optionsFor } from './rules/options.ts';
import { lotsForLine } from './rules/seat-lots.ts';
import { SubscriptionChanges } from './subscription-changes.store.ts';
import { listSubscriptionChanges } from './subscription-history.store.ts';
import { listSubscriptions, placeIn, readListed } from './lists/subscription-list.store.ts';
import { readAgreed, readSubscription } from './subscription.store.ts';
import { findLine, leadingLine } from './subscription.ts';
import {
  AssignmentsView,
  AssignSubscriptions,
  ChangeSubscription,
  showOptions,
  showSubscription,
  SubscriptionChangeView,
  SubscriptionOptionsView,
  SubscriptionQuery,
  SubscriptionView,
} from './subscriptions.dto.ts';

class OptionsQuery {
  /** The line, if the subscription has several; without it, the one with the strictest rules. */
  @IsOptional() @IsString() @Length(1, 255) mpn?: string;
}

@Allow('viewer')
@Controller('v1/subscriptions')
export class SubscriptionsController {
  constructor(
    private readonly store: TenantStore,
    private readonly rules: ChangeRulesSource,
  ) {}

  @Get()
  @Describe(
    'Subscriptions as agreed; without `ended` and `status`, only live ones. `assigned=false` returns those without a billing contract.',
    { returns: SubscriptionView, list: 'page' },
  )
  async list(
    @CurrentUser() { tenantId }: Principal,
    @Query() query: SubscriptionQuery,
  ): Promise<Page<SubscriptionView>> {
    const { sort, limit } = query;
    const after = decodeCursor(query.cursor, sort === 'id' ? ['uuid'] : ['text', 'uuid']);
    const found = await this.store.read(tenantId, (em) =>
      listSubscriptions(em, tenantId, query, sort, after, limit),
    );
    return toPage(
      found,
      limit,
      (row) => placeIn(sort, row),
      (row) => showSubscription(row),
    );
  }

  @Get(':id')
  @Describe('One subscription.', { returns: SubscriptionView })
  async read(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
  ): Promise<ApiResponse<SubscriptionView>> {
    const row = await this.store.read(tenantId, (em) => readListed(em, tenantId, id));
    return withEtag(showSubscription(row), row.version);
  }

  @Get(':id/options')
  @Describe(
    'The changes that are possible now, their deadlines, and alternatives to those that are not possible.',
    {
      returns: SubscriptionOptionsView,
    },
  )
  async options(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @Query() { mpn }: OptionsQuery,
  ): Promise<SubscriptionOptionsView> {
    const row = await this.store.read(tenantId, (em) => readAgreed(em, tenantId, id));
    const { state, name } = row;
    const line = mpn === undefined ? leadingLine(state) : findLine(state, mpn);
    if (mpn !== undefined && !line) throw noSuchLine(name, state.lines ?? [], mpn);
    const product = { mpn: line?.mpn ?? '', name: line?.name ?? name };
    const lots = state.lots && line ? lotsForLine(state.lots, line) : state.lots;
    const facts = factsForOptions(state, product, line?.seats, await this.rules.line(row, line));
    return showOptions(optionsFor(facts, lots, Date.now()));
  }

  @Get(':id/history')
  @Describe('Every change of it, newest first, with its source.', {
    returns: SubscriptionChangeView,
    list: 'page',
  })
  async history(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @Query() { cursor, limit }: PageQuery,
  ): Promise<Page<SubscriptionChangeView>> {
    const after = decodeCursor(cursor, ['digits']);
    const found = await this.store.read(tenantId, async (em) => {
      await readSubscription(em, tenantId, id);
      return listSubscriptionChanges(em, tenantId, id, after, limit);
    });
    return toPage(
      found,
      limit,
      (row) => [row.position],
      ({ position: _, ...change }) => change,
    );
  }
}

@Allow('operator')
@Controller('v1/subscriptions')
export class ChangeSubscriptionController {
  constructor(
    private readonly store: TenantStore,
    private readonly subscriptions: SubscriptionChanges,
    private readonly orders: OrderService,
  ) {}

  @Post('assignments')
  @HttpCode(200)
  @Describe(
    'Assigns many subscriptions to a billing contract, or to none; with `dryRun`, the response says what would happen. Each is handled independently: the response lists the rejected ones, which do not affect the others. Repeating the request changes nothing.',
    { returns: AssignmentsView },
  )
  @Audited('subscription.assign')
  async assign(
    @CurrentUser() { tenantId, subject }: Principal,
    @Body() { billingContractId, subscriptionIds, filter, cursor, dryRun }: AssignSubscriptions,
  ): Promise<AssignmentsView> {
    // A forgotten condition must not move everything there is.
    if (filter && Object.values(filter).every((value) => value === undefined))
      throw invalidInput([{ field: 'filter', message: 'filter must name at least one condition' }]);
    const by = { subject, correlationId: currentCorrelationId() ?? randomUUID() };
    const wanted = { billingContractId, subscriptionIds, filter, cursor, dryRun };
    return { dryRun, ...(await this.subscriptions.assign(tenantId, wanted, by)) };
  }

  @Patch(':id')
  @Describe(
    'Changes friendly name and billing contract immediately. A change of auto-renew is an order to CMP: the response is 202, and the order is found under /v1/orders.',
    { returns: SubscriptionView, also: { 202: OrderView } },
  )
  @Audited('subscription.update', 'order.place')
  async change(
    @CurrentUser() { tenantId, subject }: Principal,
    @UuidParam() id: string,
    @IfMatch() version: number,
    @IdempotencyIfGiven() request: IdempotentRequest | undefined,
    @Body() { autoRenew, ...fields }: ChangeSubscription,
  ): Promise<ApiResponse> {
    const by = { subject, correlationId: currentCorrelationId() ?? id, canQuote: true };
    if (autoRenew === undefined) {
      await this.subscriptions.change(tenantId, id, fields, by, (current) =>
        requireVersion(version, current.version),
      );
      const row = await this.store.read(tenantId, (em) => readListed(em, tenantId, id));
      return withEtag(showSubscription(row), row.version);
    }
    if (Object.values(fields).some((value) => value !== undefined))
      throw invalidInput([
        { field: 'autoRenew', message: 'autoRenew must be changed alone: it is an order' },
      ]);
    if (!request) throw idempotencyKeyRequired();
    const order = { kind: 'renewal-setting', subscriptionId: id, autoRenew } as const;
    return this.orders.place(request, order, by, acceptedOrder, version);
  }
}
