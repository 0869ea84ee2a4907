import {
  Allow,
  Answer,
  currentCorrelationId,
  CurrentUser,
  decodeCursor,
  Describe,
  etag,
  Idempotency,
  type IdempotentRequest,
  IfMatch,
  type Page,
  pageOf,
  Principal,
  tagged,
  TenantStore,
  UuidParam,
} from '@isthmus/service-kit';
import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { listScheduledChanges } from './scheduled-change.store.ts';
import {
  EditScheduledChange,
  ScheduleChange,
  ScheduledChangeQuery,
  ScheduledChangeView,
  scheduledFor,
  showPreviewed,
  showScheduledChange,
} from './scheduled-changes.dto.ts';
import { ScheduledChangeService } from './scheduled-changes.service.ts';

@Controller('v1/scheduled-changes')
export class ScheduledChangesController {
  constructor(
    private readonly store: TenantStore,
    private readonly changes: ScheduledChangeService,
  ) {}

  @Post()
  @HttpCode(201)
  @Allow('operator')
  @Describe(
    'Schedules a change of a subscription for a point in time or for its renewal; it is then ordered exactly once.',
    {
      returns: ScheduledChangeView,
      status: 201,
    },
  )
  plan(
    @CurrentUser() { subject }: Principal,
    @Idempotency() request: IdempotentRequest,
    @Body() body: ScheduleChange,
  ): Promise<Answer> {
    const correlationId = currentCorrelationId() ?? request.key;
    const command = { ...body, at: scheduledFor(body.at) };
    return this.changes.plan(request, command, { subject, correlationId }, (planned) =>
      Answer.created(`/v1/scheduled-changes/${planned.row.id}`, showPreviewed(planned), {
        etag: etag(planned.row.version),
      }),
    );
  }

  @Get()
  @Allow('viewer')
  @Describe('Scheduled changes, newest first.', { returns: ScheduledChangeView, list: 'page' })
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
  @Describe('One scheduled change, with the reason why it would be refused as things stand now.', {
    returns: ScheduledChangeView,
  })
  async read(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
  ): Promise<Answer<ScheduledChangeView>> {
    const found = await this.changes.read(tenantId, id);
    return tagged(showPreviewed(found), found.row.version);
  }

  @Patch(':id')
  @Allow('operator')
  @Describe('Changes the seats or the time, until it has been ordered.', { returns: ScheduledChangeView })
  async edit(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
    @IfMatch() version: number,
    @Body() { seats, at }: EditScheduledChange,
  ): Promise<Answer<ScheduledChangeView>> {
    const change = { seats, at: at === undefined ? undefined : scheduledFor(at) };
    const row = await this.changes.edit(user, id, version, change);
    return tagged(showScheduledChange(row), row.version);
  }

  @Post(':id/confirm')
  @HttpCode(200)
  @Allow('operator')
  @Describe('Schedules a proposed change.', { returns: ScheduledChangeView })
  async confirm(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
  ): Promise<Answer<ScheduledChangeView>> {
    const row = await this.changes.confirm(user, id);
    return tagged(showScheduledChange(row), row.version);
  }

  @Delete(':id')
  @Allow('operator')
  @Describe('Cancels the scheduled change; 202 while an order that is already at CMP is being withdrawn.', {
    returns: ScheduledChangeView,
    status: 200,
  })
  async cancel(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
  ): Promise<Answer<ScheduledChangeView>> {
    const row = await this.changes.cancel(user, id);
    return new Answer(row.status === 'ordered' ? 202 : 200, showScheduledChange(row));
  }
}
