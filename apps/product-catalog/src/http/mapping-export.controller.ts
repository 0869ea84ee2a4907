import { Readable } from 'node:stream';
import { Controller, Get, Query, Res } from '@nestjs/common';
import { Allow, CurrentUser, Describe, Principal, Produces, TenantStore } from '@isthmus/service-kit';
import type { FastifyReply } from 'fastify';
import { writeCsv } from '../csv/write-csv.ts';
import { exportMappings } from '../persistence/queries/export-mappings.query.ts';
import { CatalogQuery } from './mapping-import.dto.ts';

@Controller('v1/mappings/export')
export class MappingExportController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Allow('viewer')
  @Produces('text/csv')
  @Describe('Mappings in force and part numbers that wait for one, as CSV; edited, it can be imported.')
  async export(
    @CurrentUser() { tenantId }: Principal,
    @Query() { connectorId }: CatalogQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const lines = exportMappings(this.store.rows(tenantId), connectorId);
    await reply
      .header('content-type', 'text/csv; charset=utf-8')
      .header('content-disposition', 'attachment; filename="part-number-mappings.csv"')
      .send(Readable.from(writeCsv(lines)));
  }
}
