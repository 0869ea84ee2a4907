import {
  Allow,
  AnyObject,
  decodeCursor,
  Describe,
  IfGiven,
  invalidInput,
  OrNull,
  page,
  type Page,
  PageQuery,
  UuidParam,
} from '@isthmus/service-kit';
import { Controller, Get, Query, Req } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsISO8601, IsString, IsUUID, ValidateNested } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import type { ServiceName } from '../proxy/generated/routes.ts';
import { Services } from '../proxy/services.service.ts';
import { type Head, mergeByTime } from './merge-by-time.ts';

const kinds = ['changes', 'runs'] as const;

class TimelineQuery extends PageQuery {
  /** Only what was done to the connector, or only its runs. */
  @IfGiven() @IsIn(kinds) only?: (typeof kinds)[number];
}

/** A command on the connector or one of its API keys. */
class TimelineChange {
  /** Such as `connector.update`, `connector.verify`, `api-key.revoke`. */
  @IsString() action!: string;
  /** Id of the connector or of the API key. */
  @IsString() thingId!: string;
  /** The fields that changed, as they were; null for something new. */
  @OrNull() @AnyObject() before!: Record<string, unknown> | null;
  /** The changed fields with their new values; null for a revoked key. Secrets show as `changed`. */
  @OrNull() @AnyObject() after!: Record<string, unknown> | null;
  @OrNull() @IsString() reason!: string | null;
  @IsString() correlationId!: string;
}

class TimelineRunCounts {
  @IsInt() read!: number;
  @IsInt() appeared!: number;
  @IsInt() changed!: number;
  @IsInt() ended!: number;
  @IsInt() unchanged!: number;
  @IsInt() failed!: number;
}

/** A sync run, as it is now. */
class TimelineRun {
  /** `account` reads accounts, subscriptions, orders and reports, `catalog` products. */
  @IsIn(['account', 'catalog']) kind!: 'account' | 'catalog';
  @IsUUID() id!: string;
  @IsString() scope!: string;
  @IsString() depth!: string;
  /** False: it only plans. */
  @IsBoolean() apply!: boolean;
  @IsString() trigger!: string;
  @IsString() status!: string;
  @OrNull() @IsISO8601() finishedAt!: string | null;
  @ValidateNested() @Type(() => TimelineRunCounts) counts!: TimelineRunCounts;
  /** Why it failed, and what to do next. */
  @OrNull() @IsString() failure!: string | null;
}

/** Either a change or a run. */
class TimelineEntryView {
  /** When the command was carried out, or the run requested. */
  @IsISO8601() at!: string;
  /** The subject of a token, or the name of a service. */
  @IsString() by!: string;
  @OrNull() @ValidateNested() @Type(() => TimelineChange) change!: TimelineChange | null;
  @OrNull() @ValidateNested() @Type(() => TimelineRun) run!: TimelineRun | null;
}

interface HistoryEntry extends TimelineChange {
  at: string;
  by: string;
}

interface RunOfService extends Omit<TimelineRun, 'kind' | 'failure'> {
  requestedBy: string;
  createdAt: string;
  failure: { detail: string; nextStep: string } | null;
}

/** A list that the timeline is put together from. */
interface Source {
  service: ServiceName;
  of: (typeof kinds)[number];
  path: (connectorId: string) => string;
  show: (row: never) => TimelineEntryView;
}

const runs = (service: ServiceName, list: string, kind: TimelineRun['kind']): Source => ({
  service,
  of: 'runs',
  path: (connectorId) => `/v1/${list}?connectorId=${connectorId}`,
  show: (run: RunOfService) => toRunEntry(kind, run),
});

const sources: readonly Source[] = [
  {
    service: 'connector-config',
    of: 'changes',
    path: (connectorId) => `/v1/connectors/${connectorId}/history?`,
    show: ({ at, by, ...change }: HistoryEntry) => ({ at, by, change, run: null }),
  },
  runs('account-sync', 'sync-runs', 'account'),
  runs('product-catalog', 'catalog-syncs', 'catalog'),
];

/**
 * How far a list was given: its own cursor; null at its beginning, empty at its end. All lists are read as they were when the first
 * page was, so that what happens meanwhile does not move anything from one page to the next.
 */
interface Places {
  until: string;
  cursors: (string | null)[];
}
const ended = '';

/** What happened to a connector: what people and services did to it, and its runs. */
@Controller('v1/connectors/:id/timeline')
export class TimelineController {
  constructor(private readonly services: Services) {}

  @Get()
  @Allow('viewer')
  @Describe(
    'What was done to the connector and its API keys, by whom, and its sync runs with their results; newest first.',
    { returns: TimelineEntryView, list: 'page' },
  )
  async list(
    @UuidParam() id: string,
    @Query() { only, cursor, limit }: TimelineQuery,
    @Req() request: FastifyRequest,
  ): Promise<Page<TimelineEntryView>> {
    // A connector that is not there has no runs either; only the list of changes says so.
    if (only === 'runs') await this.services.read('connector-config', `/v1/connectors/${id}`, request);
    const reached = placesIn(cursor) ?? { until: new Date().toISOString(), cursors: sources.map(() => null) };
    // The filter counts on every page, also where the cursor comes from a list without it.
    const places: Places = {
      until: reached.until,
      cursors: reached.cursors.map((place, index) =>
        only === undefined || sources[index]!.of === only ? place : ended,
      ),
    };
    const read = (index: number, rows: number): Promise<Page<never>> => {
      const { service, path } = sources[index]!;
      const query = new URLSearchParams({ to: places.until, limit: String(rows) });
      const from = places.cursors[index];
      if (from) query.set('cursor', from);
      const begin = path(id);
      const list = `${begin}${begin.endsWith('?') ? '' : '&'}${query.toString()}`;
      return this.services.read(service, list, request);
    };
    const lists = await Promise.all(
      sources.map(async (_, index): Promise<Page<never>> =>
        places.cursors[index] === ended ? { data: [], nextCursor: null } : await read(index, limit),
      ),
    );
    const heads = lists.map(({ data, nextCursor }, index): Head<TimelineEntryView> => ({
      rows: data.map(sources[index]!.show),
      more: nextCursor !== null,
    }));
    const { taken, left } = mergeByTime(heads, limit, ({ at }) => at);
    const rows = taken.map(({ row }) => row);
    if (!left.includes(true)) return page(rows);
    const cursors = await Promise.all(
      lists.map(async ({ data, nextCursor }, index) => {
        const count = taken.filter(({ from }) => from === index).length;
        if (!left[index]) return ended;
        if (count === 0) return places.cursors[index]!;
        // A service's cursor leads to the end of its page; one of another place is got by a page that ends there.
        return (count === data.length ? nextCursor : (await read(index, count)).nextCursor) ?? ended;
      }),
    );
    return page(rows, [places.until, ...cursors]);
  }
}

/**
 * Undefined without a cursor.
 * @throws Problem 400 if it is not a cursor of this list; what is inside is checked by its service
 */
function placesIn(cursor: string | undefined): Places | undefined {
  const key = decodeCursor(cursor, sources.length + 1);
  if (!key) return undefined;
  const [until, ...cursors] = key;
  if (typeof until !== 'string' || !cursors.every((one) => one === null || typeof one === 'string'))
    throw invalidInput([{ field: 'cursor', message: 'is not a cursor of this list' }]);
  return { until, cursors: cursors as Places['cursors'] };
}

function toRunEntry(kind: TimelineRun['kind'], run: RunOfService): TimelineEntryView {
  const { id, scope, depth, apply, trigger, status, finishedAt, requestedBy, createdAt } = run;
  const { read, appeared, changed, ended: over, unchanged, failed } = run.counts;
  const counts = { read, appeared, changed, ended: over, unchanged, failed };
  const failure = run.failure && `${run.failure.detail} ${run.failure.nextStep}`;
  const shown = { kind, id, scope, depth, apply, trigger, status, finishedAt, counts, failure };
  return { at: createdAt, by: requestedBy, change: null, run: shown };
}
