import { Readable } from 'node:stream';
import {
  Allow,
  ApiResponse,
  audit,
  Audited,
  Consumes,
  CurrentUser,
  decodeCursor,
  Describe,
  Idempotency,
  type IdempotentRequest,
  NotAudited,
  type Page,
  toPage,
  Principal,
  Produces,
  TenantStore,
  UuidParam,
} from '@isthmus/service-kit';
import { requireActiveConnector } from '@isthmus/sync-engine';
import { Controller, Get, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProductCatalogEnv } from '../config.ts';
import { FileNotUsable, formatMappings, parseMappings } from './mapping-csv.ts';
import {
  CatalogQuery,
  ImportRowQuery,
  ImportRowView,
  ImportView,
  toImport,
  toImportRow,
} from './mapping-files.dto.ts';
import {
  applyImport,
  exportMappings,
  ImportStore,
  listImportRows,
  readImport,
} from './mapping-files.store.ts';

/** Mappings from a CSV file: uploaded, previewed row by row, applied. */
@Controller('v1/mappings/import')
export class MappingImportsController {
  constructor(
    private readonly store: TenantStore,
    private readonly imports: ImportStore,
    private readonly env: ProductCatalogEnv,
  ) {}

  @Post()
  @HttpCode(201)
  @Consumes('text/csv')
  @Allow('operator')
  @Describe(
    'Accepts a CSV (`text/csv`) and reports row by row what it would change; nothing is mapped yet.',
    {
      returns: ImportView,
      status: 201,
    },
  )
  @NotAudited('It maps nothing; applying it has an entry.')
  async preview(
    @CurrentUser() { tenantId, subject: by }: Principal,
    @Query() { connectorId }: CatalogQuery,
    @Req() { body }: FastifyRequest,
  ): Promise<ApiResponse<ImportView>> {
    await this.store.change(tenantId, (em) => requireActiveConnector(em, connectorId));
    if (!isStream(body))
      throw new FileNotUsable('The request contains no file.', 'Send it as the body, as text/csv.');
    const rows = parseMappings(body, this.env.IMPORT_LIMIT);
    const id = await this.imports.store({ tenantId, connectorId, by }, rows);
    const view = await this.store.read(tenantId, async (em) => toImport(await readImport(em, id)));
    return ApiResponse.created(`/v1/mappings/import/${id}`, view);
  }

  @Get(':id')
  @Allow('viewer')
  @Describe('One import, with the number of rows per outcome.', { returns: ImportView })
  async read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<ImportView> {
    return this.store.read(tenantId, async (em) => toImport(await readImport(em, id)));
  }

  @Get(':id/rows')
  @Allow('viewer')
  @Describe('The result of each row, in the order of the file.', { returns: ImportRowView, list: 'page' })
  async rows(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @Query() { cursor, limit, outcome }: ImportRowQuery,
  ): Promise<Page<ImportRowView>> {
    const after = decodeCursor(cursor, ['number']);
    const found = await this.store.read(tenantId, async (em) => {
      await readImport(em, id);
      return listImportRows(em, id, { outcome }, after, limit);
    });
    return toPage(found, limit, ({ row }) => [row], toImportRow);
  }

  @Post(':id/apply')
  @HttpCode(200)
  @Allow('operator')
  @Describe('Applies the import to the current state: all valid rows in one transaction, or none.', {
    returns: ImportView,
    status: 200,
  })
  @Audited('mapping-import.apply')
  apply(
    @CurrentUser() { tenantId, subject }: Principal,
    @UuidParam() id: string,
    @Idempotency() request: IdempotentRequest,
  ): Promise<ApiResponse> {
    return this.store.changeOnce(request, async (em) => {
      await applyImport(em, tenantId, id, subject);
      const { id: _, ...after } = toImport(await readImport(em, id));
      await audit(em, {
        ...{ tenantId, action: 'mapping-import.apply', thing: ['mapping-import', id], after },
      });
      return ApiResponse.ok({ id, ...after });
    });
  }
}

const isStream = (body: unknown): body is Readable =>
  typeof body === 'object' && body !== null && 'pipe' in body;

@Controller('v1/mappings/export')
export class MappingExportController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Allow('viewer')
  @Produces('text/csv')
  @Describe('Active mappings and unmapped part numbers, as CSV; it can be edited and imported.')
  async export(
    @CurrentUser() { tenantId }: Principal,
    @Query() { connectorId }: CatalogQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const lines = exportMappings(this.store.rows(tenantId), connectorId);
    await reply
      .header('content-type', 'text/csv; charset=utf-8')
      .header('content-disposition', 'attachment; filename="part-number-mappings.csv"')
      .send(Readable.from(formatMappings(lines)));
  }
}
