import { statementsOf } from '@isthmus/messaging';
import {
  Allow,
  AnyObject,
  CurrentUser,
  type CursorKey,
  decodeCursor,
  Describe,
  IfGiven,
  IsInstant,
  isoTime,
  isoTimeOrNull,
  OrNull,
  type Page,
  PageQuery,
  Principal,
  TenantStore,
  toPage,
} from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Controller, Get, Query } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsArray, IsIn, IsISO8601, IsOptional, IsString, IsUUID, ValidateNested } from 'class-validator';
import { type Change, intentKinds, intentStatuses, type Purchase, type Refusal } from './write-intent.ts';
import type { WriteIntent } from './write-intents.store.ts';

class WriteQuery extends PageQuery {
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsIn(intentKinds) kind?: (typeof intentKinds)[number];
  @IfGiven() @IsIn(intentStatuses) status?: (typeof intentStatuses)[number];
  /** Of subscription-lifecycle. */
  @IfGiven() @IsUUID() subscriptionId?: string;
  /** Arrived at or after, and before. */
  @IfGiven() @IsInstant() from?: string;
  @IfGiven() @IsInstant() to?: string;
}

class RefusalView implements Refusal {
  @IsString() code!: string;
  @IsString() detail!: string;
  @IsOptional() @IsString() nextStep?: string;
}

/** A purchase or a change that Work 365 requested; its repetitions are the same one. */
export class Work365WriteView {
  /** Of a purchase, also the id under which Work 365 knows the subscription. */
  @IsUUID() id!: string;
  @IsUUID() connectorId!: string;
  @IsIn(intentKinds) kind!: (typeof intentKinds)[number];
  /** `open`: nothing is known to be ordered; `done`: CMP has confirmed it; `refused`: nothing was changed. */
  @IsIn(intentStatuses) status!: (typeof intentStatuses)[number];
  /** Null for a change. */
  @OrNull() @IsUUID() customerId!: string | null;
  /** Of subscription-lifecycle; of a purchase once it is known. */
  @OrNull() @IsUUID() subscriptionId!: string | null;
  /** What was requested: product, quantity, frequency of a purchase; quantity, auto-renew or cancellation of a change. */
  @AnyObject() requested!: Purchase | Change;
  /** Empty before they are placed, and if there was nothing to order. */
  @IsArray() @IsUUID(undefined, { each: true }) orderIds!: string[];
  @OrNull() @ValidateNested() @Type(() => RefusalView) refusal!: RefusalView | null;
  /** The API key, by its label. */
  @IsString() requestedBy!: string;
  @IsISO8601() createdAt!: string;
  @OrNull() @IsISO8601() finishedAt!: string | null;
}

@Allow('viewer')
@Controller('v1/work365/writes')
export class WritesController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Describe('The purchases and changes that Work 365 requested, with their orders, newest first.', {
    returns: Work365WriteView,
    list: 'page',
  })
  async list(
    @CurrentUser() { tenantId }: Principal,
    @Query() { cursor, limit, ...filter }: WriteQuery,
  ): Promise<Page<Work365WriteView>> {
    const after = decodeCursor(cursor, ['time', 'uuid']);
    const found = await this.store.read(tenantId, (em) => listWrites(em, tenantId, filter, after, limit));
    return toPage(
      found,
      limit,
      ({ cursorTime, id }) => [cursorTime, id],
      ({ cursorTime: _, createdAt, finishedAt, ...write }) => ({
        ...write,
        createdAt: isoTime(createdAt),
        finishedAt: isoTimeOrNull(finishedAt),
      }),
    );
  }
}

const statements = statementsOf<typeof WriteIntent>();

/** Newest first; returns `limit + 1` rows if there are more pages. */
const listWrites = (
  em: EntityManager,
  tenantId: string,
  { connectorId, kind, status, subscriptionId, from, to }: Omit<WriteQuery, keyof PageQuery>,
  after: CursorKey | undefined,
  limit: number,
) =>
  statements(em)
    .selectFrom('WriteIntent')
    .select(['id', 'connectorId', 'kind', 'status', 'customerId', 'subscriptionId', 'requested', 'orderIds'])
    .select(['refusal', 'requestedBy', 'createdAt', 'finishedAt'])
    // PostgreSQL's time has three digits more than a Date; a cursor must not skip rows of the same millisecond.
    .select(({ fn, val }) =>
      fn<string>('to_char', [
        fn('timezone', [val('UTC'), 'createdAt']),
        val('YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
      ]).as('cursorTime'),
    )
    .where('tenantId', '=', tenantId)
    .$if(connectorId !== undefined, (list) => list.where('connectorId', '=', connectorId!))
    .$if(kind !== undefined, (list) => list.where('kind', '=', kind!))
    .$if(status !== undefined, (list) => list.where('status', '=', status!))
    .$if(subscriptionId !== undefined, (list) => list.where('subscriptionId', '=', subscriptionId!))
    .$if(from !== undefined, (list) => list.where('createdAt', '>=', new Date(from!)))
    .$if(to !== undefined, (list) => list.where('createdAt', '<', new Date(to!)))
    .$if(after !== undefined, (list) =>
      list.where(({ eb, refTuple, tuple }) => {
        const [time, id] = after as [string, string];
        return eb(
          refTuple('createdAt', 'id'),
          '<',
          tuple(eb.cast<Date>(eb.val(time), 'timestamptz'), eb.val(id)),
        );
      }),
    )
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
