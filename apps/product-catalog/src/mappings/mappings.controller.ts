import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { PartNumber } from '@isthmus/domain';
import {
  Allow,
  Answer,
  clientOf,
  CurrentUser,
  Describe,
  Principal,
  readIfMatch,
  staleVersion,
  tagged,
  TenantRows,
  TenantStore,
} from '@isthmus/service-kit';
import { MappingNotFound } from './mappings.errors.ts';
import {
  mappingHistory,
  mappingInForce,
  previewMapping,
  requireProduct,
  writeMappings,
} from './mappings.store.ts';
import {
  MapPartNumber,
  MappingHistory,
  MappingView,
  PreviewMapping,
  showMapping,
  UnmapQuery,
} from './mappings.dto.ts';
import { MappingPreviewView, PartNumberPlace } from '../part-numbers/part-numbers.dto.ts';

/** A person's word on what a part number is; it wins over the rule. */
@Controller('v1/part-numbers/:partNumber/mapping')
export class MappingController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Allow('viewer')
  @Describe('The mapping in force for exactly these periods.', { returns: MappingView })
  async read(
    @CurrentUser() { tenantId }: Principal,
    @Param('partNumber') text: string,
    @Query() query: PartNumberPlace,
  ): Promise<Answer<MappingView>> {
    const row = await mappingInForce(this.store.rows(tenantId), placeOf(text, query));
    if (!row) throw new MappingNotFound(text);
    return tagged(showMapping(row), row.version);
  }

  @Get('history')
  @Allow('viewer')
  @Describe('Every mapping it ever had: who, when, why.', { returns: MappingHistory })
  async history(
    @CurrentUser() { tenantId }: Principal,
    @Param('partNumber') text: string,
    @Query() { connectorId }: PartNumberPlace,
  ): Promise<MappingHistory> {
    const { key } = placeOf(text, { connectorId });
    const rows = await mappingHistory(this.store.rows(tenantId), connectorId, key);
    return { data: rows.map(showMapping) };
  }

  @Put()
  @Allow('operator')
  @Describe('Maps it, or excludes it; `If-Match` is honoured when it is given.', { returns: MappingView })
  async map(
    @CurrentUser() { tenantId, subject: by }: Principal,
    @Param('partNumber') text: string,
    @Query() query: PartNumberPlace,
    @Body() { productId, reason, source }: MapPartNumber,
    @Headers('if-match') ifMatch?: string,
  ): Promise<Answer<MappingView>> {
    const place = placeOf(text, query);
    return this.store.change(tenantId, async (em) => {
      const rows = TenantRows.within(em, tenantId);
      if (productId !== null) await requireProduct(rows, place, productId);
      await requireMatch(rows, place, ifMatch);
      const mapper = { tenantId, connectorId: place.connectorId, by, source };
      await writeMappings(clientOf(em), mapper, [{ ...place, productId, reason }]);
      const row = (await mappingInForce(rows, place))!;
      return tagged(showMapping(row), row.version);
    });
  }

  @Post('preview')
  @HttpCode(200)
  @Allow('viewer')
  @Describe('What mapping it so would do; nothing is written.', { returns: MappingPreviewView, status: 200 })
  async preview(
    @CurrentUser() { tenantId }: Principal,
    @Param('partNumber') text: string,
    @Query() query: PartNumberPlace,
    @Body() { productId }: PreviewMapping,
  ): Promise<MappingPreviewView> {
    const rows = this.store.rows(tenantId);
    const place = placeOf(text, query);
    if (productId !== null) await requireProduct(rows, place, productId);
    return previewMapping(rows, { ...place, productId });
  }

  @Delete()
  @HttpCode(204)
  @Allow('operator')
  @Describe('Takes the mapping back; it stays in the history.', { status: 204 })
  async unmap(
    @CurrentUser() { tenantId, subject: by }: Principal,
    @Param('partNumber') text: string,
    @Query() { reason, ...query }: UnmapQuery,
    @Headers('if-match') ifMatch?: string,
  ): Promise<void> {
    const place = placeOf(text, query);
    await this.store.change(tenantId, async (em) => {
      await requireMatch(TenantRows.within(em, tenantId), place, ifMatch);
      const mapper = { tenantId, connectorId: place.connectorId, by, source: 'person' as const };
      const { unmapped } = await writeMappings(clientOf(em), mapper, [
        { ...place, productId: undefined, reason },
      ]);
      if (!unmapped) throw new MappingNotFound(text);
    });
  }
}

type Place = ReturnType<typeof placeOf>;

function placeOf(text: string, { connectorId, billingPeriod = '', term = '' }: PartNumberPlace) {
  const partNumber = PartNumber.parse(text);
  return { connectorId, partNumber, key: PartNumber.key(partNumber), billingPeriod, term };
}

async function requireMatch(rows: TenantRows, place: Place, ifMatch: string | undefined): Promise<void> {
  if (ifMatch === undefined) return;
  const present = (await mappingInForce(rows, place))?.version;
  if (readIfMatch(ifMatch) !== present) throw staleVersion(present);
}
