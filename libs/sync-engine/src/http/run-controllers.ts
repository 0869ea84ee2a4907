import { setTimeout as sleep } from 'node:timers/promises';
import {
  Allow,
  ApiResponse,
  Audited,
  CurrentUser,
  decodeCursor,
  Describe,
  type Page,
  toPage,
  Principal,
  Produces,
  type ServerSentEvent,
  sse,
  UuidParam,
} from '@isthmus/service-kit';
import { Controller, Get, HttpCode, Post, Query, Res, type Type } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { openStatuses } from '../runs/run.ts';
import { type SyncRunRow, SyncRuns } from '../sync-runs.ts';
import { RunQuery, RunRecordQuery, RunRecordView, type RunView } from './run.view.ts';

export interface RunResource<V extends RunView> {
  /** Path without a leading slash, e.g. `v1/sync-runs`. */
  path: string;
  view: Type<V>;
  show: (row: SyncRunRow) => V;
  /** The filters of the list, if the service has more than the common ones. */
  query?: Type<RunQuery & { scope?: string }>;
}

/** The HTTP resource of a service's runs: list, read, follow, report, cancel, approve. The route that starts one is the service's own. */
export function runControllers<V extends RunView>({ path, view, show, query }: RunResource<V>): Type[] {
  const Filters: Type<RunQuery & { scope?: string }> = query ?? RunQuery;
  // A class of this function's own, because Nest decides by the parameter's class how to validate a query.
  class Filter extends Filters {}

  @Controller(path)
  class Runs {
    constructor(private readonly runs: SyncRuns) {}

    @Get()
    @Allow('viewer')
    @Describe('The runs, newest first.', { returns: view, list: 'page' })
    async list(@CurrentUser() { tenantId }: Principal, @Query() filter: Filter): Promise<Page<V>> {
      const after = decodeCursor(filter.cursor, ['time', 'uuid']);
      const rows = await this.runs.list(tenantId, filter, after, filter.limit);
      return toPage(rows, filter.limit, ({ cursorTime, id }) => [cursorTime, id], show);
    }

    @Get(':id')
    @Allow('viewer')
    @Describe('One run: its progress and result, and why it waits or has failed.', { returns: view })
    async read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<V> {
      return show(await this.runs.read(tenantId, id));
    }

    @Post(':id/cancel')
    @HttpCode(200)
    @Allow('operator')
    @Describe('Ends a waiting run immediately and a running one with its next batch.', {
      returns: view,
      status: 200,
    })
    @Audited('sync-run.cancel')
    async cancel(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<V> {
      await this.runs.cancel(tenantId, id);
      return show(await this.runs.read(tenantId, id));
    }

    @Post(':id/apply')
    @HttpCode(202)
    @Allow('operator')
    @Describe(
      'Applies a plan (`apply: false`) exactly as its records show it, in a separate run; 409 if the mirror has changed since. Repeating the request returns the same run.',
      { returns: view, status: 202 },
    )
    @Audited('sync-run.apply')
    async apply(
      @CurrentUser() { tenantId, subject }: Principal,
      @UuidParam() id: string,
    ): Promise<ApiResponse> {
      const started = await this.runs.apply(tenantId, id, subject);
      return ApiResponse.accepted(`/${path}/${started}`, {
        ...show(await this.runs.read(tenantId, started)),
      });
    }

    @Post(':id/approve')
    @HttpCode(200)
    @Allow('operator')
    @Describe(
      'Approves a held run: it starts over, and may end as many records and remove as many seats as its plan contains.',
      {
        returns: view,
        status: 200,
      },
    )
    @Audited('sync-run.approve')
    async approve(@CurrentUser() { tenantId, subject }: Principal, @UuidParam() id: string): Promise<V> {
      await this.runs.approve(tenantId, id, subject);
      return show(await this.runs.read(tenantId, id));
    }
  }

  @Allow('viewer')
  @Controller(`${path}/:id`)
  class RunReport {
    constructor(private readonly runs: SyncRuns) {}

    @Get('records')
    @Describe('The changes that the run made or plans, record by record.', {
      returns: RunRecordView,
      list: 'page',
    })
    async records(
      @CurrentUser() { tenantId }: Principal,
      @UuidParam() id: string,
      @Query() { cursor, limit, result }: RunRecordQuery,
    ): Promise<Page<RunRecordView>> {
      const after = decodeCursor(cursor, ['number', 'number']);
      await this.runs.read(tenantId, id);
      const found = await this.runs.records(tenantId, id, { result }, after, limit);
      return toPage(
        found,
        limit,
        ({ seq, place }) => [seq, place],
        ({ record }) => record,
      );
    }

    @Get('progress')
    @Produces('text/event-stream')
    @Describe('Server-sent events: `progress` with the run at every change of it, `finished` as the last.', {
      events: { progress: view, finished: view },
    })
    async progress(
      @CurrentUser() { tenantId }: Principal,
      @UuidParam() id: string,
      @Res() reply: FastifyReply,
    ): Promise<void> {
      const read = () => this.runs.read(tenantId, id);
      // Read before the response is chosen: a run that does not exist is a 404, not a stream.
      const first = await read();
      return sse(reply, followRun(first, read, show, this.runs.pollIntervalMs));
    }
  }

  // Operations of the API are named after the controllers.
  const name = nameOf(path);
  Object.defineProperty(Runs, 'name', { value: `${name}Controller` });
  Object.defineProperty(RunReport, 'name', { value: `${name}ReportController` });
  return [Runs, RunReport];
}

/** `v1/sync-runs`: `SyncRuns`. */
const nameOf = (path: string): string =>
  path
    .slice(path.lastIndexOf('/') + 1)
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

/** Yields an event for each change of the run, until it has ended. */
async function* followRun(
  first: SyncRunRow,
  read: () => Promise<SyncRunRow>,
  show: (row: SyncRunRow) => RunView,
  everyMs: number,
): AsyncGenerator<ServerSentEvent> {
  let shown = '';
  for (let row = first; ; row = await read()) {
    const ended = !openStatuses.includes(row.status);
    const run = show(row);
    // Pace and remaining time change with the clock alone and are no reason for an event. Why the run is waiting is one.
    const facts = JSON.stringify({ ...run, ratePerSecond: null, etaSeconds: null });
    if (facts !== shown) yield { event: ended ? 'finished' : 'progress', data: run };
    if (ended) return;
    shown = facts;
    await sleep(everyMs);
  }
}
