import { Body, Controller, Get, Put } from '@nestjs/common';
import {
  clientOf,
  Allow,
  CurrentUser,
  Describe,
  Principal,
  TenantStore,
  UuidParam,
} from '@isthmus/service-kit';
import { Connector, ConnectorNotFound } from '@isthmus/sync-engine';
import type { EntityManager } from '@mikro-orm/postgresql';
import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { decimalSeparators, type DecimalSeparator } from '../domain/rated-amount.ts';
import { dateOrders, type DateOrder } from '../domain/rated-day.ts';
import { formatOf, putFormat } from '../persistence/report-formats.ts';

/** The whole setting: what is left out or null is decided by each file. */
export class PutReportFormat {
  /** What stands before the decimals. */
  @IsOptional()
  @IsIn(decimalSeparators, { message: 'decimalSeparator must be "." or ","' })
  decimalSeparator?: DecimalSeparator | null;
  /** Of days whose year comes last, such as 3/4/2026. */
  @IsOptional() @IsIn(dateOrders) dateOrder?: DateOrder | null;
}

/** How a connector's reports write numbers and days; null where each file decides. */
export class ReportFormatView {
  @IsUUID() connectorId!: string;
  @IsOptional() @IsIn(decimalSeparators) decimalSeparator!: DecimalSeparator | null;
  @IsOptional() @IsIn(dateOrders) dateOrder!: DateOrder | null;
}

/** For reports whose cells do not show how they write numbers and days. Texts alone: a workbook's numbers and days need no setting. */
@Controller('v1/report-formats/:connectorId')
export class ReportFormatsController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Allow('viewer')
  @Describe('How the reports of a connector write numbers and days.', { returns: ReportFormatView })
  read(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam('connectorId') connectorId: string,
  ): Promise<ReportFormatView> {
    return this.store.change(tenantId, async (em) => {
      await requireConnector(em, connectorId);
      return { connectorId, ...(await formatOf(clientOf(em), { tenantId, connectorId })) };
    });
  }

  @Put()
  @Allow('operator')
  @Describe('Fixes how the reports of a connector write numbers and days, from the next one read on.', {
    returns: ReportFormatView,
  })
  put(
    @CurrentUser() { tenantId, subject }: Principal,
    @UuidParam('connectorId') connectorId: string,
    @Body() { decimalSeparator = null, dateOrder = null }: PutReportFormat,
  ): Promise<ReportFormatView> {
    return this.store.change(tenantId, async (em) => {
      await requireConnector(em, connectorId);
      await putFormat(clientOf(em), { tenantId, connectorId }, { decimalSeparator, dateOrder }, subject);
      return { connectorId, decimalSeparator, dateOrder };
    });
  }
}

/** @throws ConnectorNotFound; a paused one may be set up all the same */
async function requireConnector(em: EntityManager, connectorId: string): Promise<void> {
  const connector = await em.findOne(Connector, { connectorId });
  if (!connector || connector.status === 'removed') throw new ConnectorNotFound(connectorId);
}
