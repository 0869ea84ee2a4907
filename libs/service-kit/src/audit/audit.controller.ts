import { statementsOf } from '@isthmus/messaging';
import { type EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { applyDecorators, Controller, Get, Query } from '@nestjs/common';
import { IsIn, IsInt, IsISO8601, IsString, Length, Matches } from 'class-validator';
import { Pool } from 'pg';
import { Allow, CurrentUser, Principal, type Role, roles } from '../auth/access.ts';
import { TenantStore } from '../database/tenant-store.ts';
import { isoTime } from '../http/api-response.ts';
import { type CursorKey, decodeCursor, type Page, PageQuery, toPage } from '../http/paging.ts';
import { IfGiven } from '../http/validation.ts';
import { Describe } from '../openapi/describe.ts';
import { AnyObject, OrNull } from '../openapi/fields.ts';
import { type AuditChannel, auditChannels } from './actor.ts';
import type { AuditEntry, AuditFields, AuditLink } from './audit.entity.ts';

/** A string that PostgreSQL can compare with its own. */
const printable = /^[^\u0000-\u001f]*$/;

/**
 * A day or a time. ISO 8601 also has weeks and ordinal dates, which JavaScript does not support, and times without an offset,
 * which every reader would interpret in their own time zone.
 */
const IsMoment = (): PropertyDecorator =>
  applyDecorators(
    IsISO8601({ strict: true }),
    Matches(/^(?!0000)\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/, {
      message: '$property must be a day (2026-11-27) or a time with its offset (2026-11-27T09:30:00Z)',
    }),
  );

/** Only entries for which all of these hold. */
class AuditQuery extends PageQuery {
  /** Such as `connector.update`. */
  @IfGiven() @IsString() @Length(1, 100) @Matches(/^[a-z.-]+$/) action?: string;
  /** The actor: the subject of a token, or the holder of an API key. */
  @IfGiven() @IsString() @Length(1, 200) @Matches(printable) subject?: string;
  /** Such as `connector`. */
  @IfGiven() @IsString() @Length(1, 100) @Matches(/^[a-z-]+$/) thingType?: string;
  @IfGiven() @IsString() @Length(1, 255) @Matches(printable) thingId?: string;
  /** Start of the period (inclusive); a day begins at midnight UTC. */
  @IfGiven() @IsMoment() from?: string;
  /** End of the period (exclusive). */
  @IfGiven() @IsMoment() to?: string;
}

class AuditEntryView {
  /** Counts the tenant's entries in this service, from 1, without gaps. */
  @IsInt() sequence!: number;
  @IsISO8601() time!: string;
  /** The actor: the subject of a token, the holder of an API key, or the name of a service. */
  @IsString() subject!: string;
  @IsIn(auditChannels) channel!: AuditChannel;
  /** The highest role of the token. */
  @OrNull() @IsIn(roles) role!: Role | null;
  @IsString() action!: string;
  @IsString() thingType!: string;
  @IsString() thingId!: string;
  /** The fields that changed, as they were; null for something new. */
  @OrNull() @AnyObject() before!: AuditFields | null;
  /** The changed fields with their new values; null for a removed thing. Secrets show as `changed`. */
  @OrNull() @AnyObject() after!: AuditFields | null;
  @OrNull() @IsString() reason!: string | null;
  @IsString() correlationId!: string;
  /** Hash of the previous entry; empty for the first. */
  @IsString() previousHash!: string;
  /** SHA-256, in base64url; it covers this entry and all before it. */
  @IsString() hash!: string;
}

/** The audit log of this service: the same route in every service that accepts commands. */
@Controller('v1/audit')
export class AuditController {
  readonly #store: TenantStore;

  constructor(orm: MikroORM, pool: Pool) {
    this.#store = new TenantStore(orm, pool);
  }

  @Get()
  @Allow('admin')
  @Describe('The audit log, newest first. An entry appears about a second after its command.', {
    returns: AuditEntryView,
    list: 'page',
  })
  async list(
    @CurrentUser() { tenantId }: Principal,
    @Query() query: AuditQuery,
  ): Promise<Page<AuditEntryView>> {
    const place = decodeCursor(query.cursor, ['number']);
    const found = await this.#store.read(tenantId, (em) =>
      listEntries(em, tenantId, query, place, query.limit),
    );
    return toPage(
      found,
      query.limit,
      ({ sequence }) => [sequence],
      ({ time, before, after, ...entry }) => ({
        ...entry,
        time: isoTime(time),
        before: before as AuditFields | null,
        after: after as AuditFields | null,
      }),
    );
  }
}

const statements = statementsOf<typeof AuditEntry | typeof AuditLink>();

/** Ordered newest first; returns `limit + 1` rows if there are more pages. */
const listEntries = (
  em: EntityManager,
  tenantId: string,
  { action, subject, thingType, thingId, from, to }: AuditQuery,
  after: CursorKey | undefined,
  limit: number,
) =>
  statements(em)
    .selectFrom('AuditLink as l')
    .innerJoin('AuditEntry as e', 'e.position', 'l.position')
    .select([
      'l.sequence',
      'e.time',
      'e.subject',
      'e.channel',
      'e.role',
      'e.action',
      'e.thingType',
      'e.thingId',
      'e.before',
      'e.after',
      'e.reason',
      'e.correlationId',
      'l.previousHash',
      'l.hash',
    ])
    .where('l.tenantId', '=', tenantId)
    .where('e.tenantId', '=', tenantId)
    .$if(action !== undefined, (list) => list.where('e.action', '=', action!))
    .$if(subject !== undefined, (list) => list.where('e.subject', '=', subject!))
    .$if(thingType !== undefined, (list) => list.where('e.thingType', '=', thingType!))
    .$if(thingId !== undefined, (list) => list.where('e.thingId', '=', thingId!))
    .$if(from !== undefined, (list) => list.where('e.time', '>=', new Date(from!)))
    .$if(to !== undefined, (list) => list.where('e.time', '<', new Date(to!)))
    .$if(after !== undefined, (list) => list.where('l.sequence', '<', Number(after![0])))
    .orderBy('l.sequence', 'desc')
    .limit(limit + 1)
    .execute();
