import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import {
  Allow,
  Answer,
  currentCorrelationId,
  CurrentUser,
  decodeCursor,
  Describe,
  Idempotency,
  IfMatch,
  pageOf,
  Principal,
  tagged,
  TenantStore,
  UuidParam,
  type IdempotentRequest,
  type Page,
} from '@isthmus/service-kit';
import { ScheduledChangeCommands } from './scheduled-changes.service.ts';
import { listScheduledChanges } from './scheduled-change.store.ts';
import {
  EditScheduledChange,
  ScheduleChange,
  ScheduledChangeQuery,
  ScheduledChangeView,
  showScheduledChange,
} from './scheduled-changes.dto.ts';

@Controller('v1/scheduled-changes')
export class ScheduledChangesController {
  constructor(
    private readonly store: TenantStore,
    private readonly commands: ScheduledChangeCommands,
  ) {}

  @Post()
  @HttpCode(201)
  @Allow('operator')
  @Describe('Plans a change of a subscription for an instant or for its renewal; it is ordered once, then.', {
    returns: ScheduledChangeView,
    status: 201,
  })
  plan(
    @CurrentUser() { subject }: Principal,
    @Idempotency() request: IdempotentRequest,
    @Body() body: ScheduleChange,
  ): Promise<Answer> {
    const correlationId = currentCorrelationId() ?? request.key;
    return this.commands.plan(request, body, { subject, correlationId });
  }

  @Get()
  @Allow('viewer')
  @Describe('Scheduled changes, the newest first.', { returns: ScheduledChangeView, list: 'page' })
  async list(
    @CurrentUser() { tenantId }: Principal,
    @Query() query: ScheduledChangeQuery,
  ): Promise<Page<ScheduledChangeView>> {
    const after = decodeCursor(query.cursor, ['digits']);
    const found = await listScheduledChanges(this.store.rows(tenantId), query, after, query.limit);
    return pageOf(found, query.limit, ({ position }) => [position], showScheduledChange);
  }

  @Get(':id')
  @Allow('viewer')
  @Describe('One scheduled change, with what would refuse it at its time as things stand.', {
    returns: ScheduledChangeView,
  })
  async read(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
  ): Promise<Answer<ScheduledChangeView>> {
    const view = await this.commands.read(tenantId, id);
    return tagged(view, view.version);
  }

  @Patch(':id')
  @Allow('operator')
  @Describe('Other seats or another time, while it is not ordered yet.', { returns: ScheduledChangeView })
  async edit(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
    @IfMatch() version: number,
    @Body() body: EditScheduledChange,
  ): Promise<Answer<ScheduledChangeView>> {
    const row = await this.commands.edit(user, id, version, body);
    return tagged(showScheduledChange(row), row.version);
  }

  @Post(':id/confirm')
  @HttpCode(200)
  @Allow('operator')
  @Describe('Plans what was proposed.', { returns: ScheduledChangeView })
  async confirm(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
  ): Promise<Answer<ScheduledChangeView>> {
    const row = await this.commands.confirm(user, id);
    return tagged(showScheduledChange(row), row.version);
  }

  @Delete(':id')
  @Allow('operator')
  @Describe('Takes it back; 202 while an order that is at CMP already is being withdrawn.', {
    returns: ScheduledChangeView,
    status: 200,
  })
  async cancel(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
  ): Promise<Answer<ScheduledChangeView>> {
    const row = await this.commands.cancel(user, id);
    const view = showScheduledChange(row);
    const status = row.status === 'ordered' ? 202 : 200;
    return new Answer(status, view);
  }
}
