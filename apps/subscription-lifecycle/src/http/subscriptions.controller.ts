import { Controller, Get, Query } from '@nestjs/common';
import {
  Allow,
  Answer,
  CurrentUser,
  decodeCursor,
  Describe,
  pageOf,
  PageQuery,
  Principal,
  tagged,
  TenantStore,
  UuidParam,
  type Page,
} from '@isthmus/service-kit';
import { IsOptional, IsString, Length } from 'class-validator';
import { ChangeRulesOf } from '../commands/change-rules.ts';
import { optionsFor } from '../domain/nce/options.ts';
import { lotsOfLine } from '../domain/nce/seat-lots.ts';
import { noSuchLine } from '../domain/order-refused.error.ts';
import { factsForOptions } from '../domain/subscription/facts-for-options.ts';
import { leadingLine, lineOf } from '../domain/subscription/line-of.ts';
import { readAgreed } from '../persistence/agreed-subscriptions.ts';
import { readSubscription } from '../persistence/queries.ts';
import { changesOf, listSubscriptions } from '../persistence/subscription-queries.ts';
import { showOptions, SubscriptionOptionsView } from './options.view.ts';
import { SubscriptionQuery } from './subscription-query.dto.ts';
import { showSubscription, SubscriptionChangeView, SubscriptionView } from './subscription.view.ts';

export class OptionsQuery {
  /** Of which line, where the subscription has several; without it, the one with the strictest rules. */
  @IsOptional() @IsString() @Length(1, 255) mpn?: string;
}

@Allow('viewer')
@Controller('v1/subscriptions')
export class SubscriptionsController {
  constructor(
    private readonly store: TenantStore,
    private readonly rules: ChangeRulesOf,
  ) {}

  @Get()
  @Describe(
    'Subscriptions as agreed; without `ended` and `status` those that are live. `assigned=false`: those on no billing contract.',
    { returns: SubscriptionView, list: 'page' },
  )
  async list(
    @CurrentUser() { tenantId }: Principal,
    @Query() query: SubscriptionQuery,
  ): Promise<Page<SubscriptionView>> {
    const after = decodeCursor(query.cursor, ['uuid']);
    const found = await listSubscriptions(this.store.rows(tenantId), query, after, query.limit);
    return pageOf(found, query.limit, ({ id }) => [id], showSubscription);
  }

  @Get(':id')
  @Describe('One subscription.', { returns: SubscriptionView })
  async read(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
  ): Promise<Answer<SubscriptionView>> {
    const row = await readSubscription(this.store.rows(tenantId), id);
    return tagged(showSubscription(row), row.version);
  }

  @Get(':id/options')
  @Describe('What may be done with it now, until when, and otherwise what instead.', {
    returns: SubscriptionOptionsView,
  })
  async options(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @Query() { mpn }: OptionsQuery,
  ): Promise<SubscriptionOptionsView> {
    const row = await readAgreed(this.store.rows(tenantId), id);
    const { state, name } = row;
    const line = mpn === undefined ? leadingLine(state) : lineOf(state, mpn);
    if (mpn !== undefined && !line) throw noSuchLine(name, state.lines ?? [], mpn);
    const product = { mpn: line?.mpn ?? '', name: line?.name ?? name };
    const lots = state.lots && line ? lotsOfLine(state.lots, line) : state.lots;
    const facts = factsForOptions(state, product, line?.seats, await this.rules.line(row, line));
    return showOptions(optionsFor(facts, lots, Date.now()));
  }

  @Get(':id/history')
  @Describe('Every change of it, the newest first, with where it came from.', {
    returns: SubscriptionChangeView,
    list: 'page',
  })
  async history(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @Query() { cursor, limit }: PageQuery,
  ): Promise<Page<SubscriptionChangeView>> {
    const rows = this.store.rows(tenantId);
    await readSubscription(rows, id);
    const found = await changesOf(rows, id, decodeCursor(cursor, ['digits']), limit);
    return pageOf(
      found,
      limit,
      (row) => [row.position],
      ({ position: _, ...change }) => change,
    );
  }
}
