import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { PartNumber } from '@isthmus/domain';
import {
  Allow,
  ApiResponse,
  audit,
  Audited,
  clientIn,
  CurrentUser,
  Describe,
  NotAudited,
  Principal,
  readIfMatch,
  staleVersion,
  withEtag,
  TenantStore,
} from '@isthmus/service-kit';
import { requireConnector } from '@isthmus/sync-engine';
import type { EntityManager } from '@mikro-orm/postgresql';
import { MappingPreviewView, PartNumberPlace } from '../part-numbers/part-numbers.dto.ts';
import {
  MapPartNumber,
  MappingHistory,
  MappingView,
  PreviewMapping,
  toMapping,
  UnmapQuery,
} from './mappings.dto.ts';
import type { PartNumberMapping } from './mapping.entity.ts';
import { MappingNotFound } from './mappings.errors.ts';
import {
  mappingHistory,
  mappingInForce,
  previewMapping,
  requireProduct,
  writeMappings,
} from './mappings.store.ts';

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
    const key = toMappingKey(text, query);
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
    const { key } = toMappingKey(text, { connectorId });
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
    const key = toMappingKey(text, query);
    return this.store.change(tenantId, async (em) => {
      await requireConnector(em, key.connectorId);
      if (productId !== null) await requireProduct(em, key, productId);
      await requireMatch(em, key, ifMatch);
      const before = auditedFields(await mappingInForce(em, key));
      const mapper = { tenantId, connectorId: key.connectorId, by, source };
      await writeMappings(clientIn(em), mapper, [{ ...key, productId, reason }]);
      const mapping = (await mappingInForce(em, key))!;
      const thing = ['part-number', mapping.partNumber] as const;
      const after = auditedFields(mapping);
      await audit(em, { tenantId, action: 'part-number.map', thing, before, after, reason });
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
    const key = toMappingKey(text, query);
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
    const key = toMappingKey(text, query);
    await this.store.change(tenantId, async (em) => {
      await requireMatch(em, key, ifMatch);
      const before = auditedFields(await mappingInForce(em, key));
      const mapper = { tenantId, connectorId: key.connectorId, by, source: 'person' as const };
      const { unmapped } = await writeMappings(clientIn(em), mapper, [
        { ...key, productId: undefined, reason },
      ]);
      if (!unmapped) throw new MappingNotFound(text);
      const thing = ['part-number', PartNumber.print(key.partNumber)] as const;
      await audit(em, { tenantId, action: 'part-number.unmap', thing, before, reason });
    });
  }
}

/** Copies the current fields of a mapping, because an entity would show later changes. */
const auditedFields = (mapping: PartNumberMapping | null): object | null => {
  if (!mapping) return null;
  const { connectorId, billingPeriod, term, productId = null, source, alias } = mapping;
  return { connectorId, billingPeriod, term, productId, excluded: productId === null, source, alias };
};

type MappingKey = ReturnType<typeof toMappingKey>;

function toMappingKey(text: string, { connectorId, billingPeriod = '', term = '' }: PartNumberPlace) {
  const partNumber = PartNumber.parse(text);
  return { connectorId, partNumber, key: PartNumber.key(partNumber), billingPeriod, term };
}

async function requireMatch(em: EntityManager, key: MappingKey, ifMatch: string | undefined): Promise<void> {
  if (ifMatch === undefined) return;
  const present = (await mappingInForce(em, key))?.version;
  if (readIfMatch(ifMatch) !== present) throw staleVersion(present);
}
