import {
  Allow,
  ApiResponse,
  Audited,
  currentCorrelationId,
  CurrentUser,
  decodeCursor,
  Describe,
  etag,
  Idempotency,
  type IdempotentRequest,
  IfGiven,
  IfMatch,
  isoTime,
  OrNull,
  type Page,
  PageQuery,
  Principal,
  Schema,
  TenantStore,
  toPage,
  UuidParam,
  withEtag,
} from '@isthmus/service-kit';
import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { OrderReasonView } from '../orders/orders.dto.ts';
import type { ScheduledChangeRow } from './scheduled-change.entity.ts';
import { listScheduledChanges } from './scheduled-change.store.ts';
import {
  describeMeaning,
  plannedChange,
  type ScheduledFor,
  type ScheduledKind,
  scheduledKinds,
  type ScheduledStatus,
  scheduledStatuses,
} from './scheduled-change.ts';
import { type PreviewedChange, ScheduledChangeService } from './scheduled-changes.service.ts';

/** With its time zone, because a time without one would be ambiguous. */
const zoned = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)$/;

const timeOrRenewal = `${zoned.source}|^renewal$`;

export class ScheduleChange {
  @IsUUID() subscriptionId!: string;
  @IsIn(scheduledKinds) kind!: ScheduledKind;
  /** For a quantity change: the new total, never a difference. */
  @ValidateIf(({ kind, seats }: ScheduleChange) => kind === 'change-quantity' || seats != null)
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  seats?: number;
  /** For a quantity change in a subscription with several lines. */
  @IsOptional() @IsString() @Length(1, 255) mpn?: string;
  /** Required for a renewal setting. */
  @ValidateIf(({ kind, autoRenew }: ScheduleChange) => kind === 'renewal-setting' || autoRenew != null)
  @IsBoolean()
  autoRenew?: boolean;
  /** A date-time with its zone, such as `2026-12-24T08:00:00Z`, or `renewal`. */
  @ValidateIf(({ at }: ScheduleChange) => at !== 'renewal')
  @Schema({ required: true, format: undefined, pattern: timeOrRenewal })
  @IsISO8601({ strict: true })
  @Matches(zoned)
  at!: string;
  /** For a change at a given time: allows changes that CMP has scheduled for the renewal to be lost. */
  @IfGiven() @IsBoolean() dropScheduledChanges?: boolean;
}

/** Fields that are left out are not changed. */
export class EditScheduledChange {
  @IfGiven() @IsInt() @Min(1) @Max(1_000_000) seats?: number;
  @ValidateIf(({ at }: EditScheduledChange) => at !== undefined && at !== 'renewal')
  @Schema({ format: undefined, pattern: timeOrRenewal })
  @IsISO8601({ strict: true })
  @Matches(zoned)
  at?: string;
}

export class ScheduledChangeQuery extends PageQuery {
  @IsOptional() @IsIn(scheduledStatuses) status?: ScheduledStatus;
  @IsOptional() @IsUUID() subscriptionId?: string;
}

export const scheduledFor = (at: string): ScheduledFor => (at === 'renewal' ? at : Date.parse(at));

export class ScheduledChangeView {
  @IsUUID() id!: string;
  @IsUUID() subscriptionId!: string;
  @IsIn(scheduledKinds) kind!: ScheduledKind;
  @IsIn(scheduledStatuses) status!: ScheduledStatus;
  /** The reason why it is proposed, failed, was cancelled or wiped. */
  @OrNull() @ValidateNested() @Type(() => OrderReasonView) reason!: OrderReasonView | null;
  /** The new total. */
  @OrNull() @IsInt() seats!: number | null;
  @OrNull() @IsBoolean() autoRenew!: boolean | null;
  @OrNull() @IsString() mpn!: string | null;
  /** A date-time, or `renewal`. */
  @IsString() at!: string;
  @IsBoolean() dropScheduledChanges!: boolean;
  /** The action at CMP, if kind and time do not show it. */
  @OrNull() @IsString() meaning!: string | null;
  /**
   * The reason why it would be refused when it is due, if nothing else happened until then; only for a proposed or planned
   * change.
   */
  @IsOptional() @OrNull() @ValidateNested() @Type(() => OrderReasonView) foreseen?: OrderReasonView | null;
  /** The order that carries it out. */
  @OrNull() @IsUUID() orderId!: string | null;
  /** The order that was wiped out, of one that is proposed again. */
  @OrNull() @IsUUID() insteadOfOrderId!: string | null;
  @IsString() requestedBy!: string;
  @IsISO8601() createdAt!: string;
  @IsISO8601() updatedAt!: string;
  @IsInt() version!: number;
}

export function showScheduledChange(row: ScheduledChangeRow): ScheduledChangeView {
  const { id, subscriptionId, kind, status, reason, seats, autoRenew, mpn, dropScheduledChanges } = row;
  const { orderId, insteadOfOrderId, requestedBy, createdAt, updatedAt, version } = row;
  return {
    id,
    subscriptionId,
    kind,
    status,
    reason,
    seats,
    autoRenew,
    mpn,
    at: row.dueAt === null ? 'renewal' : isoTime(row.dueAt),
    dropScheduledChanges,
    meaning: describeMeaning(plannedChange(row)),
    orderId,
    insteadOfOrderId,
    requestedBy,
    createdAt: isoTime(createdAt),
    updatedAt: isoTime(updatedAt),
    version,
  };
}

/** With the preview of its refusal. */
export const showPreviewed = ({ row, refusal }: PreviewedChange): ScheduledChangeView => ({
  ...showScheduledChange(row),
  foreseen: refusal && {
    code: refusal.code.replace(/^order\./, ''),
    detail: refusal.message,
    nextStep: refusal.nextStep,
  },
});

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
  @Audited('scheduled-change.plan')
  plan(
    @CurrentUser() { subject }: Principal,
    @Idempotency() request: IdempotentRequest,
    @Body() body: ScheduleChange,
  ): Promise<ApiResponse> {
    const correlationId = currentCorrelationId() ?? request.key;
    const command = { ...body, at: scheduledFor(body.at) };
    return this.changes.plan(request, command, { subject, correlationId }, (planned) =>
      ApiResponse.created(`/v1/scheduled-changes/${planned.row.id}`, showPreviewed(planned), {
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
    const found = await this.store.read(tenantId, (em) =>
      listScheduledChanges(em, tenantId, query, after, query.limit),
    );
    return toPage(found, query.limit, ({ position }) => [position], showScheduledChange);
  }

  @Get(':id')
  @Allow('viewer')
  @Describe('One scheduled change, with the reason why it would currently be rejected.', {
    returns: ScheduledChangeView,
  })
  async read(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
  ): Promise<ApiResponse<ScheduledChangeView>> {
    const found = await this.changes.read(tenantId, id);
    return withEtag(showPreviewed(found), found.row.version);
  }

  @Patch(':id')
  @Allow('operator')
  @Describe('Changes the seats or the time, until it has been ordered.', { returns: ScheduledChangeView })
  @Audited('scheduled-change.update')
  async edit(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
    @IfMatch() version: number,
    @Body() { seats, at }: EditScheduledChange,
  ): Promise<ApiResponse<ScheduledChangeView>> {
    const change = { seats, at: at === undefined ? undefined : scheduledFor(at) };
    const row = await this.changes.edit(user, id, version, change);
    return withEtag(showScheduledChange(row), row.version);
  }

  @Post(':id/confirm')
  @HttpCode(200)
  @Allow('operator')
  @Describe('Schedules a proposed change.', { returns: ScheduledChangeView })
  @Audited('scheduled-change.confirm')
  async confirm(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
  ): Promise<ApiResponse<ScheduledChangeView>> {
    const row = await this.changes.confirm(user, id);
    return withEtag(showScheduledChange(row), row.version);
  }

  @Delete(':id')
  @Allow('operator')
  @Describe('Cancels the scheduled change; 202 while an order that is already at CMP is being withdrawn.', {
    returns: ScheduledChangeView,
    status: 200,
    also: { 202: ScheduledChangeView },
  })
  @Audited('scheduled-change.cancel', 'order.withdraw')
  async cancel(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
  ): Promise<ApiResponse<ScheduledChangeView>> {
    const row = await this.changes.cancel(user, id);
    return new ApiResponse(row.status === 'ordered' ? 202 : 200, showScheduledChange(row));
  }
}
