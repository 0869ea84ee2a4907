import { randomUUID } from 'node:crypto';
import { Allow, decodeCursor, PageQuery, Problem, toPage } from '@isthmus/service-kit';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { IsOptional, IsString } from 'class-validator';
import { runGateway, type RunningGateway } from '../../test/gateway.fixture.ts';

const connector = randomUUID();
const at = (n: number) => new Date(Date.UTC(2026, 10, 27, 9, n)).toISOString();

class Filter extends PageQuery {
  @IsOptional() @IsString() to?: string;
  @IsOptional() @IsString() connectorId?: string;
}

interface Timed {
  time: string;
  name: string;
}

/** A list as the services have them: newest first, with a cursor that only they can read. */
function cut<T>(rows: Timed[], { cursor, limit, to }: Filter, show: (row: Timed) => T) {
  const after = decodeCursor(cursor, ['time', 'text']);
  const left = rows
    .toSorted((a, b) => (a.time < b.time ? 1 : -1))
    .filter(({ time }) => (!to || time < to) && (!after || time < String(after[0])));
  return toPage(left.slice(0, limit + 1), limit, ({ time, name }) => [time, name], show);
}

const named = (name: string, times: number[]): Timed[] =>
  times.map((n) => ({ time: at(n), name: `${name}${n}` }));
const done = named('change', [1, 4, 5, 9]);
const synced = named('run', [2, 3, 6, 7, 8, 11]);
const catalogues = named('catalog', [10]);

@Allow('viewer')
@Controller('v1/connectors/:id')
class Connectors {
  @Get()
  one(@Param('id') id: string): object {
    if (id !== connector) throw new Problem({ status: 404, type: 'connector.not-found', title: 'Not found' });
    return { id };
  }

  @Get('history')
  history(@Param('id') id: string, @Query() query: Filter): object {
    this.one(id);
    return cut(done, query, ({ time, name }) => ({
      ...{ at: time, by: 'ann', action: 'connector.update', thingId: connector, reason: null },
      ...{ before: { name: 'US' }, after: { name }, correlationId: 'one' },
    }));
  }

  @Get('budget')
  budget(): object {
    return { perMinute: 60 };
  }
}

const runOf = ({ time, name }: Timed) => ({
  ...{ id: randomUUID(), scope: name, depth: 'full', apply: true, trigger: 'person', status: 'failed' },
  ...{ requestedBy: 'bob', createdAt: time, finishedAt: time, waiting: null, budget: null },
  counts: { read: 5, appeared: 1, changed: 2, ended: 0, unchanged: 2, setAside: 0, failed: 1, calls: 3 },
  failure: { code: 'x', detail: 'CMP said no.', nextStep: 'Ask it.' },
});

@Allow('viewer')
@Controller('v1/sync-runs')
class SyncRuns {
  @Get()
  list(@Query() query: Filter): object {
    return cut(query.connectorId === connector ? synced : [], query, runOf);
  }
}

@Allow('viewer')
@Controller('v1/catalog-syncs')
class CatalogSyncs {
  @Get()
  list(@Query() query: Filter): object {
    return cut(query.connectorId === connector ? catalogues : [], query, runOf);
  }
}

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await runGateway();
  await gateway.serve('connector-config', Connectors);
  await gateway.serve('product-catalog', CatalogSyncs);
});
afterAll(() => gateway.stop());

const path = `/v1/connectors/${connector}/timeline`;
interface Entry {
  change: { after: { name: string } } | null;
  run: { scope: string } | null;
}
const nameOf = ({ change, run }: Entry) => change?.after.name ?? run?.scope;

async function pages(query: string): Promise<(string | undefined)[]> {
  const seen: (string | undefined)[] = [];
  for (let cursor = ''; ;) {
    const { status, body } = await gateway.call('GET', `${path}?${query}${cursor}`);
    expect(status).toBe(200);
    seen.push(...body.data.map(nameOf));
    if (body.nextCursor === null) return seen;
    cursor = `&cursor=${body.nextCursor}`;
  }
}

it('names the service that does not respond; what was done needs only its own', async () => {
  const { status, body } = await gateway.call('GET', path);
  expect([status, body.service]).toEqual([503, 'account-sync']);
  expect(await pages('only=changes&limit=3')).toEqual(['change9', 'change5', 'change4', 'change1']);
});

describe('with all services', () => {
  beforeAll(() => gateway.serve('account-sync', SyncRuns));

  const all = [...done, ...synced, ...catalogues]
    .toSorted((a, b) => (a.time < b.time ? 1 : -1))
    .map(({ name }) => name);

  it.each([1, 2, 3, 5, 11, 200])(
    'is one list, newest first, each entry once, in pages of %i',
    async (limit) => {
      expect(await pages(`limit=${limit}`)).toEqual(all);
    },
  );

  it('shows an entry as what it is', async () => {
    const { body } = await gateway.call('GET', `${path}?limit=3`);
    const [run, catalog, change] = body.data;
    expect(run).toMatchObject({
      ...{ at: at(11), by: 'bob', change: null },
      run: { kind: 'account', status: 'failed', failure: 'CMP said no. Ask it.', counts: { changed: 2 } },
    });
    expect(catalog.run.kind).toBe('catalog');
    expect(change).toMatchObject({ at: at(9), by: 'ann', run: null, change: { before: { name: 'US' } } });
  });

  it('can be of changes or of runs only', async () => {
    expect(await pages('only=runs&limit=2')).toEqual(all.filter((name) => !name.startsWith('change')));
    expect((await gateway.call('GET', `${path}?only=orders`)).status).toBe(400);
    // Also behind a cursor of everything.
    const { body } = await gateway.call('GET', `${path}?limit=1`);
    expect(await pages(`only=changes&cursor=${body.nextCursor}`)).toEqual(await pages('only=changes'));
  });

  it('does not move what is on later pages when something happens meanwhile', async () => {
    const { body } = await gateway.call('GET', `${path}?limit=4`);
    const later = { time: new Date(Date.now() + 1_000).toISOString(), name: 'later' };
    done.push(later);
    synced.push(later);
    const next = await gateway.call('GET', `${path}?limit=4&cursor=${body.nextCursor}`);
    done.pop();
    synced.pop();
    expect([...body.data, ...next.body.data].map(nameOf)).toEqual(all.slice(0, 8));
  });

  it.each(['W10', 'WzEsMl0', 'W251bGwsbnVsbCxudWxsLG51bGxd', 'WyJ4IixudWxsLDEsbnVsbF0'])(
    'refuses the cursor %s',
    async (cursor) => {
      expect((await gateway.call('GET', `${path}?cursor=${cursor}`)).status).toBe(400);
    },
  );

  it('is not there for a connector that is not, whatever is asked for', async () => {
    for (const query of ['', '?only=runs', '?only=changes']) {
      const { status } = await gateway.call('GET', `/v1/connectors/${randomUUID()}/timeline${query}`);
      expect(status).toBe(404);
    }
    expect((await gateway.call('GET', '/v1/connectors/no-uuid/timeline')).status).toBe(400);
  });

  it('leaves everything else below /v1/connectors to its service', async () => {
    expect((await gateway.call('GET', `/v1/connectors/${connector}`)).body).toEqual({ id: connector });
    expect((await gateway.call('GET', `/v1/connectors/${connector}/budget`)).body).toEqual({ perMinute: 60 });
    expect((await gateway.call('POST', path)).status).toBe(404);
  });

  it('is for everybody who may see the connector', async () => {
    expect((await gateway.call('GET', path, { as: { roles: ['viewer'] } })).status).toBe(200);
  });
});
