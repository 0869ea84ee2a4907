import { readEventSubject } from '@isthmus/contracts';
import { redactOpaqueTokens } from '@isthmus/domain';
import { type DescribedMessage, ParkedMessageNotFound, ParkedMessages } from '@isthmus/messaging';
import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { IsIn, IsInt, IsISO8601, IsString, IsUUID, Length } from 'class-validator';
import { actingAs, userActor } from '../audit/actor.ts';
import { audit } from '../audit/audit.store.ts';
import { Allow, Audited, CurrentUser, Principal } from '../auth/access.ts';
import { inTenant } from '../database/tenant-scope.ts';
import { isoTime } from '../http/api-response.ts';
import { decodeCursor, type Page, PageQuery, toPage } from '../http/paging.ts';
import { notFound, Problem } from '../http/problem.ts';
import { UuidParam } from '../http/validation.ts';
import { Describe } from '../openapi/describe.ts';
import { OrNull } from '../openapi/fields.ts';

const directions = ['in', 'out'] as const;
const remedies = ['retry', 'drop'] as const;

/** A message that could not be handled or published, without its contents. */
export class ParkedMessageView {
  @IsUUID() id!: string;
  /** `in`: this service could not handle it. `out`: it could not publish it. */
  @IsIn(directions) direction!: (typeof directions)[number];
  @IsString() eventType!: string;
  /** Null if the message does not say it, here and below. */
  @OrNull() @IsString() eventId!: string | null;
  /** The id of what it is about. */
  @OrNull() @IsString() subject!: string | null;
  @OrNull() @IsISO8601() publishedAt!: string | null;
  @OrNull() @IsString() correlationId!: string | null;
  @OrNull() @IsString() traceId!: string | null;
  /** A machine code, such as `handler.failed` or `contract.violated`. */
  @IsString() reason!: string;
  @IsString() detail!: string;
  /** `drop`: it can never be handled as it is. */
  @IsIn(remedies) remedy!: (typeof remedies)[number];
  @IsInt() tries!: number;
  @IsISO8601() parkedAt!: string;
}

export class DropParkedMessage {
  /** For the audit log. */
  @IsString() @Length(3, 1000) reason!: string;
}

/** The messages that this service has put aside: the same routes in every service that is on the bus. */
@Controller('v1/parked-messages')
export class ParkedMessagesController {
  constructor(private readonly parked: ParkedMessages) {}

  @Get()
  @Allow('viewer')
  @Describe('Messages that could not be handled or published and wait for somebody, newest first.', {
    returns: ParkedMessageView,
    list: 'page',
  })
  async list(
    @CurrentUser() { tenantId }: Principal,
    @Query() { cursor, limit }: PageQuery,
  ): Promise<Page<ParkedMessageView>> {
    const [parkedAt, id] = decodeCursor(cursor, ['time', 'uuid']) ?? [];
    const after = id ? { parkedAt: new Date(String(parkedAt)), id: String(id) } : undefined;
    const found = await this.parked.listOf(tenantId, after, limit);
    return toPage(found, limit, (row) => [isoTime(row.parkedAt), row.id], showParkedMessage);
  }

  @Get(':id')
  @Allow('viewer')
  @Describe('One parked message.', { returns: ParkedMessageView })
  async read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<ParkedMessageView> {
    return showParkedMessage(await this.#require(tenantId, id));
  }

  @Post(':id/retry')
  @HttpCode(204)
  @Allow('operator')
  @Describe(
    'Handles or publishes it now. If that fails again, it remains parked, and the response says why.',
    {
      status: 204,
    },
  )
  @Audited('parked-message.retry')
  async retry(@CurrentUser() caller: Principal, @UuidParam() id: string): Promise<void> {
    const message = await this.#require(caller.tenantId, id);
    // What the handler does is done by the operator, and is not what this route declares.
    await actingAs(userActor(caller), () => this.parked.unpark(id, remember(caller, message, 'retry'))).catch(
      (cause: unknown) => {
        throw cause instanceof ParkedMessageNotFound ? unknown(id) : failedAgain(message, cause);
      },
    );
  }

  @Post(':id/drop')
  @HttpCode(204)
  @Allow('operator')
  @Describe('Removes it for good: what it says never takes effect here.', { status: 204 })
  @Audited('parked-message.drop')
  async drop(
    @CurrentUser() caller: Principal,
    @UuidParam() id: string,
    @Body() { reason }: DropParkedMessage,
  ): Promise<void> {
    const message = await this.#require(caller.tenantId, id);
    await this.parked.drop(id, remember(caller, message, 'drop', reason));
  }

  async #require(tenantId: string, id: string): Promise<DescribedMessage> {
    return this.parked.readOf(tenantId, id).catch((error: unknown) => {
      throw error instanceof ParkedMessageNotFound ? unknown(id) : error;
    });
  }
}

/** The entry in the audit log, in the transaction that removes the message. */
const remember =
  ({ tenantId }: Principal, message: DescribedMessage, command: 'retry' | 'drop', reason?: string) =>
  (em: Parameters<typeof audit>[0]): Promise<void> => {
    const { eventType, eventId, subject } = showParkedMessage(message);
    return inTenant(tenantId, () =>
      audit(em, {
        tenantId,
        action: `parked-message.${command}`,
        thing: ['parked-message', message.id],
        before: { eventType, eventId, subject, reason: message.reason, tries: message.tries },
        reason,
      }),
    );
  };

const unknown = (id: string): Problem => notFound('parked message', id);

const failedAgain = (message: DescribedMessage, cause: unknown): Problem =>
  new Problem(
    {
      status: 409,
      type: 'parked-message-failed-again',
      title: 'The message could not be handled this time either',
      detail: shownDetail(cause instanceof Error ? cause.message : String(cause)),
      nextStep:
        message.direction === 'in'
          ? 'Correct what the detail names and retry, or drop the message. It remains parked.'
          : 'Retry when NATS accepts messages again. The message remains parked.',
    },
    { cause },
  );

/** Those that fail for what they are, whoever handles them whenever. */
const never = new Set(['contract.violated', 'payload.unreadable']);

export const showParkedMessage = (row: DescribedMessage): ParkedMessageView => {
  const { headers } = row;
  const said = (name: string): string | null => headers[name] || null;
  const time = Date.parse(headers['ce-time'] ?? '');
  return {
    id: row.id,
    direction: row.direction,
    eventType: typeOf(row.subject),
    eventId: said('ce-id'),
    subject: said('ce-subject'),
    publishedAt: Number.isNaN(time) ? null : new Date(time).toISOString(),
    correlationId: said('ce-correlationid'),
    traceId: headers.traceparent?.split('-')[1] ?? null,
    reason: row.reason,
    detail: shownDetail(row.detail),
    remedy: never.has(row.reason) ? 'drop' : 'retry',
    tries: row.tries,
    parkedAt: isoTime(row.parkedAt),
  };
};

function typeOf(subject: string): string {
  try {
    return readEventSubject(subject).eventType;
  } catch {
    return subject;
  }
}

/** An error may quote what it failed on, and that may be anything. */
const shownDetail = (detail: string): string =>
  redactOpaqueTokens(detail.replace(/^.* is not valid JSON$/s, 'The payload is not valid JSON.'));
