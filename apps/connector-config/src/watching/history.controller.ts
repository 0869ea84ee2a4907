import { statementsOf } from '@isthmus/messaging';
import {
  Allow,
  AnyObject,
  AuditEntry,
  type AuditEntryView,
  type CursorKey,
  CurrentUser,
  decodeCursor,
  Describe,
  IfGiven,
  IsInstant,
  isoTime,
  OrNull,
  type Page,
  PageQuery,
  Principal,
  TenantStore,
  toPage,
  UuidParam,
} from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Controller, Get, Query } from '@nestjs/common';
import { IsISO8601, IsString } from 'class-validator';
import type { ApiKey } from '../api-keys/api-key.entity.ts';
import { requireConnector } from '../connectors/connector.store.ts';

class HistoryQuery extends PageQuery {
  /** Only what happened before. */
  @IfGiven() @IsInstant() to?: string;
}

/** A command on a connector or on one of its API keys. */
class HistoryEntryView {
  @IsISO8601() at!: string;
  /** Such as `connector.update`, `connector.verify`, `api-key.revoke`. */
  @IsString() action!: string;
  /** The subject of a token, or the name of a service. */
  @IsString() by!: string;
  /** Id of the connector or of the API key. */
  @IsString() thingId!: string;
  /** The fields that changed, as they were; null for something new. */
  @OrNull() @AnyObject() before!: AuditEntryView['before'];
  /** The changed fields with their new values; null for a revoked key. Secrets show as `changed`. */
  @OrNull() @AnyObject() after!: AuditEntryView['after'];
  @OrNull() @IsString() reason!: string | null;
  @IsString() correlationId!: string;
}

/** What people and services did with a connector: the part of the audit log that everybody who sees the connector may see. */
@Controller('v1/connectors/:id/history')
export class HistoryController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Allow('viewer')
  @Describe(
    'Who created, changed, verified, paused and resumed the connector, issued and revoked its API keys; newest first. The timeline at the gateway has its sync runs as well.',
    { returns: HistoryEntryView, list: 'page' },
  )
  list(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @Query() { cursor, limit, to }: HistoryQuery,
  ): Promise<Page<HistoryEntryView>> {
    const after = decodeCursor(cursor, ['number']);
    return this.store.read(tenantId, async (em) => {
      await requireConnector(em, id);
      const rows = await listHistory(em, tenantId, id, { to, after, limit });
      return toPage(
        rows,
        limit,
        ({ position }) => [position],
        ({ position: _, time, subject, before, after, ...entry }) => ({
          ...entry,
          at: isoTime(time),
          by: subject,
          before: before as AuditEntryView['before'],
          after: after as AuditEntryView['after'],
        }),
      );
    });
  }
}

const statements = statementsOf<typeof AuditEntry | typeof ApiKey>();

interface HistoryFilter {
  to: string | undefined;
  after: CursorKey | undefined;
  limit: number;
}

/** Newest first; one row more than `limit` if there are more. Revoked keys keep their rows, so that their entries are found. */
const listHistory = (
  em: EntityManager,
  tenantId: string,
  connectorId: string,
  { to, after, limit }: HistoryFilter,
) =>
  statements(em)
    .selectFrom('AuditEntry as e')
    .select([
      'e.position',
      'e.time',
      'e.action',
      'e.subject',
      'e.thingId',
      'e.before',
      'e.after',
      'e.reason',
      'e.correlationId',
    ])
    .where('e.tenantId', '=', tenantId)
    .where((where) =>
      where.or([
        where.and([where('e.thingType', '=', 'connector'), where('e.thingId', '=', connectorId)]),
        where.and([
          where('e.thingType', '=', 'api-key'),
          where(
            'e.thingId',
            'in',
            where
              .selectFrom('ApiKey as k')
              .select((key) => key.cast<string>('k.id', 'text').as('id'))
              .where('k.connectorId', '=', connectorId),
          ),
        ]),
      ]),
    )
    .$if(to !== undefined, (list) => list.where('e.time', '<', new Date(to!)))
    .$if(after !== undefined, (list) => list.where('e.position', '<', Number(after![0])))
    .orderBy('e.position', 'desc')
    .limit(limit + 1)
    .execute();
