import { PartNumberResolutionV1 } from '@isthmus/contracts';
import { PartNumber } from '@isthmus/domain';
import {
  Allow,
  CurrentUser,
  decodeCursor,
  Describe,
  type Page,
  toPage,
  Principal,
  TenantStore,
} from '@isthmus/service-kit';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { previewMapping } from '../mappings/mappings.store.ts';
import {
  CountQuery,
  PartNumberCounts,
  PartNumberPlace,
  PartNumberQuery,
  PartNumberUseQuery,
  PartNumberView,
  SubscriptionUseView,
  SuggestionQuery,
  Suggestions,
  toCounts,
  toPartNumber,
  toResolution,
  toSubscriptionUse,
  toSuggestion,
} from './part-numbers.dto.ts';
import { countStates, listPartNumbers } from './part-numbers.store.ts';
import { bestSuggestions, resolveMany, suggestFor } from './resolution.store.ts';
import { listUses } from './subscription-uses.store.ts';

/** The mapping queue: part numbers in use and what they resolve to. */
@Allow('viewer')
@Controller('v1/part-numbers')
export class PartNumbersController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Describe(
    'Part numbers in use, by state; those that are unmapped or ambiguous need a manual decision, and `suggest` says which product fits best.',
    {
      returns: PartNumberView,
      list: 'page',
    },
  )
  async list(
    @CurrentUser() { tenantId }: Principal,
    @Query() query: PartNumberQuery,
  ): Promise<Page<PartNumberView>> {
    const { connectorId, state: states, q, sort, suggest, limit } = query;
    const after = decodeCursor(
      query.cursor,
      sort === 'subscriptions' ? ['integer', 'text', 'uuid'] : ['text', 'uuid'],
    );
    const found = await this.store.read(tenantId, (em) =>
      listPartNumbers(em, { tenantId, connectorId, states, q }, sort, after, limit),
    );
    const best = suggest
      ? await bestSuggestions(this.store.rows(tenantId), found.slice(0, limit))
      : undefined;
    return toPage(
      found,
      limit,
      ({ subscriptions, partNumberKey, id }) => [
        ...(sort === 'subscriptions' ? [subscriptions] : []),
        ...[partNumberKey, id],
      ],
      (row) => toPartNumber(row, best?.get(row.id)),
    );
  }

  @Get('counts')
  @Describe('The number of part numbers in each state, and of the subscriptions that use them.', {
    returns: PartNumberCounts,
  })
  async counts(
    @CurrentUser() { tenantId }: Principal,
    @Query() { connectorId }: CountQuery,
  ): Promise<PartNumberCounts> {
    return toCounts(await this.store.read(tenantId, (em) => countStates(em, { tenantId, connectorId })));
  }
}

/** The resolution of one part number. */
@Allow('viewer')
@Controller('v1/part-numbers/:partNumber')
export class PartNumberController {
  constructor(private readonly store: TenantStore) {}

  @Get('resolution')
  @Describe(
    'The product that the part number resolves to, or why there is none: candidates, and the fields that would disambiguate.',
    {
      returns: PartNumberResolutionV1,
    },
  )
  async resolution(
    @CurrentUser() { tenantId }: Principal,
    @Param('partNumber') text: string,
    @Query() { connectorId, billingPeriod, term }: PartNumberPlace,
  ): Promise<PartNumberResolutionV1> {
    const question = { partNumber: PartNumber.parse(text), billingPeriod, term };
    const [resolution] = await resolveMany(this.store.rows(tenantId), connectorId, [question]);
    return toResolution(text, resolution!);
  }

  @Get('suggestions')
  @Describe('Products that it may refer to, with the evidence and the effect of accepting each.', {
    returns: Suggestions,
  })
  async suggestions(
    @CurrentUser() { tenantId }: Principal,
    @Param('partNumber') text: string,
    @Query() { connectorId, billingPeriod, term, name }: SuggestionQuery,
  ): Promise<Suggestions> {
    const partNumber = PartNumber.parse(text);
    const rows = this.store.rows(tenantId);
    const found = await suggestFor(rows, connectorId, { partNumber, billingPeriod, term, name });
    const place = {
      connectorId,
      key: PartNumber.key(partNumber),
      billingPeriod: billingPeriod ?? '',
      term: term ?? '',
    };
    const effects = await Promise.all(
      found.map(({ product }) => previewMapping(rows, { ...place, productId: product.id })),
    );
    return { data: found.map((suggestion, index) => toSuggestion(suggestion, effects[index]!)) };
  }

  @Get('subscriptions')
  @Describe('Live provider subscriptions that use it.', { returns: SubscriptionUseView, list: 'page' })
  async subscriptions(
    @CurrentUser() { tenantId }: Principal,
    @Param('partNumber') text: string,
    @Query() { cursor, limit, ...place }: PartNumberUseQuery,
  ): Promise<Page<SubscriptionUseView>> {
    const partNumberKey = PartNumber.key(PartNumber.parse(text));
    const after = decodeCursor(cursor, ['uuid', 'number']);
    const found = await this.store.read(tenantId, (em) =>
      listUses(em, { tenantId, ...place, partNumberKey }, after, limit),
    );
    return toPage(
      found,
      limit,
      ({ providerSubscriptionId, line }) => [providerSubscriptionId, line],
      toSubscriptionUse,
    );
  }
}
