import {
  Allow,
  AuditEntryView,
  AuditQuery,
  type CursorKey,
  decodeCursor,
  Describe,
  encodeCursor,
  IfGiven,
  invalidInput,
  page,
  type Page,
} from '@isthmus/service-kit';
import { Controller, Get, Query, Req } from '@nestjs/common';
import { IsIn } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { merged, services, type ServiceName } from '../proxy/generated/routes.ts';
import { Services } from '../proxy/services.service.ts';
import { type Head, mergeByTime } from './merge-by-time.ts';

class MergedAuditQuery extends AuditQuery {
  /** The log of one service only. */
  @IfGiven() @IsIn(services) service?: ServiceName;
}

class MergedAuditEntryView extends AuditEntryView {
  /** The service whose log it is in; `sequence` counts there. */
  @IsIn(services) service!: ServiceName;
}

const sources = merged.audit!;
/** The place in a log of which nothing is left; entries are numbered from 1. */
const exhausted = 0;

/** The audit logs of all services as one. Each remains a chain of its own, to be verified in its service. */
@Controller('v1/audit')
export class AuditController {
  constructor(private readonly services: Services) {}

  @Get()
  @Allow('admin')
  @Describe(
    'The audit logs of all services, newest first. An entry appears about a second after its command.',
    {
      returns: MergedAuditEntryView,
      list: 'page',
    },
  )
  async list(
    @Query() { service, cursor, limit, ...filters }: MergedAuditQuery,
    @Req() request: FastifyRequest,
  ): Promise<Page<MergedAuditEntryView>> {
    const places = placesIn(cursor) ?? sources.map((one) => (service && one !== service ? exhausted : null));
    const heads = await Promise.all(
      sources.map(async (source, index): Promise<Head<AuditEntryView>> => {
        const place = places[index]!;
        if (place === exhausted) return { rows: [], more: false };
        const query = new URLSearchParams({ ...defined(filters), limit: String(limit) });
        if (place !== null) query.set('cursor', encodeCursor([place]));
        const { data, nextCursor } = await this.services.read<Page<AuditEntryView>>(
          source,
          `/v1/audit?${query.toString()}`,
          request,
        );
        return { rows: data, more: nextCursor !== null };
      }),
    );
    const { taken, left } = mergeByTime(heads, limit, ({ time }) => time);
    const next = sources.map((_, index) => {
      const last = taken.findLast((row) => row.from === index)?.row.sequence;
      return left[index] ? (last ?? places[index]!) : exhausted;
    });
    const rows = taken.map(({ row, from }) => ({ ...row, service: sources[from]! }));
    return page(rows, left.includes(true) ? next : undefined);
  }
}

/**
 * @returns a sequence number for each service, or null before its first entry; undefined without a cursor
 * @throws Problem 400 if it is not a cursor of this list
 */
function placesIn(cursor: string | undefined): (number | null)[] | undefined {
  const key: CursorKey | undefined = decodeCursor(cursor, sources.length);
  if (key && !key.every((place) => place === null || (Number.isSafeInteger(place) && Number(place) >= 0)))
    throw invalidInput([{ field: 'cursor', message: 'is not a cursor of this list' }]);
  return key as (number | null)[] | undefined;
}

const defined = (filters: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(filters).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
