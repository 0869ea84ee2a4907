import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import {
  Allow,
  ApiResponse,
  Audited,
  CurrentUser,
  Describe,
  invalidInput,
  NotAudited,
  Principal,
  readIfMatch,
  staleVersion,
  withEtag,
  TenantStore,
} from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { MappingPreviewView, PartNumberPlace } from '../part-numbers/part-numbers.dto.ts';
import {
  type DecidedPartNumber,
  decideMapping,
  decideMappings,
  placeOf,
  sureMappings,
} from './mapping-decisions.store.ts';
import {
  MapPartNumber,
  MapPartNumbers,
  MappingHistory,
  MappingResultsView,
  MappingView,
  mostMappings,
  PreviewMapping,
  toMapping,
  toMappingResults,
  UnmapQuery,
} from './mappings.dto.ts';
import { MappingNotFound } from './mappings.errors.ts';
import { mappingHistory, mappingInForce, previewMapping, requireProduct } from './mappings.store.ts';

/** A person's decision on what a part number stands for; it takes precedence over the rule. */
@Controller('v1/part-numbers/:partNumber/mapping')
export class MappingController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Allow('viewer')
  @Describe('The active mapping for exactly these periods.', { returns: MappingView })
  async read(
    @CurrentUser() { tenantId }: Principal,
    @Param('partNumber') text: string,
    @Query() query: PartNumberPlace,
  ): Promise<ApiResponse<MappingView>> {
    const key = placeOf({ ...query, partNumber: text });
    const mapping = await this.store.read(tenantId, (em) => mappingInForce(em, key));
    if (!mapping) throw new MappingNotFound(text);
    return withEtag(toMapping(mapping), mapping.version);
  }

  @Get('history')
  @Allow('viewer')
  @Describe('Every mapping it has ever had: who, when and why.', { returns: MappingHistory })
  async history(
    @CurrentUser() { tenantId }: Principal,
    @Param('partNumber') text: string,
    @Query() { connectorId }: PartNumberPlace,
  ): Promise<MappingHistory> {
    const { key } = placeOf({ connectorId, partNumber: text });
    const mappings = await this.store.read(tenantId, (em) => mappingHistory(em, connectorId, key));
    return { data: mappings.map(toMapping) };
  }

  @Put()
  @Allow('operator')
  @Describe('Maps or excludes the part number; `If-Match` is respected if present.', { returns: MappingView })
  @Audited('part-number.map')
  async map(
    @CurrentUser() { tenantId, subject: by }: Principal,
    @Param('partNumber') text: string,
    @Query() query: PartNumberPlace,
    @Body() { productId, reason, source }: MapPartNumber,
    @Headers('if-match') ifMatch?: string,
  ): Promise<ApiResponse<MappingView>> {
    const place = placeOf({ ...query, partNumber: text });
    return this.store.change(tenantId, async (em) => {
      await requireMatch(em, place, ifMatch);
      await decideMapping(em, { tenantId, by, source }, place, { productId, reason });
      const mapping = (await mappingInForce(em, place))!;
      return withEtag(toMapping(mapping), mapping.version);
    });
  }

  @Post('preview')
  @HttpCode(200)
  @Allow('viewer')
  @Describe('Shows the effect of this mapping; nothing is written.', {
    returns: MappingPreviewView,
    status: 200,
  })
  @NotAudited('It writes nothing.')
  async preview(
    @CurrentUser() { tenantId }: Principal,
    @Param('partNumber') text: string,
    @Query() query: PartNumberPlace,
    @Body() { productId }: PreviewMapping,
  ): Promise<MappingPreviewView> {
    const key = placeOf({ ...query, partNumber: text });
    if (productId !== null) await this.store.read(tenantId, (em) => requireProduct(em, key, productId));
    return previewMapping(this.store.rows(tenantId), { ...key, productId });
  }

  @Delete()
  @HttpCode(204)
  @Allow('operator')
  @Describe('Ends the mapping; it stays in the history.', { status: 204 })
  @Audited('part-number.unmap')
  async unmap(
    @CurrentUser() { tenantId, subject: by }: Principal,
    @Param('partNumber') text: string,
    @Query() { reason, ...query }: UnmapQuery,
    @Headers('if-match') ifMatch?: string,
  ): Promise<void> {
    const place = placeOf({ ...query, partNumber: text });
    await this.store.change(tenantId, async (em) => {
      await requireMatch(em, place, ifMatch);
      const decider = { tenantId, by, source: 'person' as const };
      const isEnded = await decideMapping(em, decider, place, { productId: undefined, reason });
      if (!isEnded) throw new MappingNotFound(text);
    });
  }
}

/** Many decisions at once. */
@Controller('v1/part-numbers/mappings')
export class ManyMappingsController {
  constructor(private readonly store: TenantStore) {}

  @Post()
  @HttpCode(200)
  @Allow('operator')
  @Describe(
    'Maps, excludes or unmaps many part numbers, named or suggested. Each is handled independently; with `dryRun`, the response says what would happen. Repeating the request changes nothing.',
    { returns: MappingResultsView },
  )
  @Audited('part-number.map', 'part-number.unmap')
  async decide(
    @CurrentUser() { tenantId, subject: by }: Principal,
    @Body() { rows, suggested, reason, source: named, dryRun }: MapPartNumbers,
  ): Promise<MappingResultsView> {
    if (rows && suggested)
      throw invalidInput([{ field: 'suggested', message: 'suggested and rows exclude each other' }]);
    const source = suggested ? 'suggestion' : named;
    const wanted = rows ?? (await sureMappings(this.store, { tenantId, ...suggested }, mostMappings));
    const results = await decideMappings(this.store, wanted, { tenantId, by, source, reason, dryRun });
    return toMappingResults(results, dryRun);
  }
}

async function requireMatch(
  em: EntityManager,
  key: DecidedPartNumber,
  ifMatch: string | undefined,
): Promise<void> {
  if (ifMatch === undefined) return;
  const present = (await mappingInForce(em, key))?.version;
  if (readIfMatch(ifMatch) !== present) throw staleVersion(present);
}
