import { Controller, Get, Param, Query } from '@nestjs/common';
import { PartNumberResolutionV1 } from '@isthmus/contracts';
import { PartNumber } from '@isthmus/domain';
import {
  Allow,
  CurrentUser,
  decodeCursor,
  Describe,
  pageOf,
  Principal,
  TenantStore,
  type Page,
} from '@isthmus/service-kit';
import { showResolution } from '../domain/show-resolution.ts';
import { previewMapping } from '../persistence/queries/preview-mapping.query.ts';
import { resolveMany } from '../persistence/queries/resolve-many.query.ts';
import { listUses } from '../persistence/queries/subscription-uses.query.ts';
import { suggestFor } from '../persistence/queries/suggestion-candidates.query.ts';
import { PartNumberPlace, PartNumberUseQuery, SuggestionQuery } from './part-number-query.dto.ts';
import { showUse, SubscriptionUseView } from './subscription-use.view.ts';
import { showSuggestion, Suggestions } from './suggestion.view.ts';

/** What one part number is. */
@Allow('viewer')
@Controller('v1/part-numbers/:partNumber')
export class PartNumberController {
  constructor(private readonly store: TenantStore) {}

  @Get('resolution')
  @Describe('The one product it is, or why there is none: candidates, and the facts that would decide.', {
    returns: PartNumberResolutionV1,
  })
  async resolution(
    @CurrentUser() { tenantId }: Principal,
    @Param('partNumber') text: string,
    @Query() { connectorId, billingPeriod, term }: PartNumberPlace,
  ): Promise<PartNumberResolutionV1> {
    const question = { partNumber: PartNumber.parse(text), billingPeriod, term };
    const [resolution] = await resolveMany(this.store.rows(tenantId), connectorId, [question]);
    return showResolution(text, resolution!);
  }

  @Get('suggestions')
  @Describe('Products it may be, with the evidence and what accepting each would do.', {
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
    return { data: found.map((suggestion, index) => showSuggestion(suggestion, effects[index]!)) };
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
    const found = await listUses(this.store.rows(tenantId), { ...place, partNumberKey }, after, limit);
    return pageOf(
      found,
      limit,
      ({ providerSubscriptionId, line }) => [providerSubscriptionId, line],
      showUse,
    );
  }
}
