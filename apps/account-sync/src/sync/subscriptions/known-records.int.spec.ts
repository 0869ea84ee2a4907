import fc from 'fast-check';
import { type ListingServer, serveListing, sweepPhase } from '../../../test/listing.fixture.ts';
import { type RunRow, startSyncing, type Syncing } from '../../../test/syncing.fixture.ts';

let sync: Syncing;
let listing: ListingServer;
beforeAll(async () => {
  listing = await serveListing();
  sync = await startSyncing({ world: { customers: 1, subscriptions: 1 } });
});
afterAll(async () => {
  listing.close();
  await sync.stop();
});
beforeEach(() => {
  listing.records = [];
  listing.pageSize = 500;
});

const connector = () => sync.connector(sync.tenantId, 'us', { apiUrl: listing.apiUrl });

interface Sweeping {
  mapping?: number;
  skip?: ReadonlySet<string>;
  apply?: boolean;
}

async function sweep(connectorId: string, { mapping, skip, apply = true }: Sweeping = {}) {
  const parsed = { count: 0 };
  const runId = await sync.start({ connectorId, apply });
  const run = await sync.work(runId, { phasesOf: async () => [sweepPhase(mapping, parsed, skip)] });
  return { run, parsed: parsed.count };
}

interface Subscription {
  id: number;
  name: string;
  customer: number;
  status: string;
  /** A field that is not mirrored. */
  note: number;
  form: Form;
}

type Form = (typeof forms)[number];
const forms = ['plain', 'spaces', 'id last', 'number', 'escaped', 'invalid day', 'no id', 'control'] as const;

const subscription = (id: number, more: Partial<Subscription> = {}): Subscription => ({
  ...{ id, name: `Name ${id}`, customer: 1, status: 'active', note: 0, form: 'plain' },
  ...more,
});

function json({ id, name, customer, status, note, form }: Subscription): string {
  const rest = { name, customerId: String(customer), status, attributes: { note: String(note) } };
  if (form === 'id last') return JSON.stringify({ ...rest, id: String(id) });
  const row = { id: form === 'number' ? id : form === 'no id' ? null : String(id), ...rest };
  if (form === 'invalid day') return JSON.stringify({ ...row, renewalDate: '2026-02-30' });
  if (form === 'control') return JSON.stringify({ ...row, name: 'a#b' }).replace('#', '\n');
  if (form === 'escaped') return JSON.stringify(row).replace('"name"', String.raw`"n\u0061me"`);
  return JSON.stringify(row, null, form === 'spaces' ? 1 : undefined);
}

/** What the sweeps of a connector have left behind, without what differs between two connectors in any case. */
async function traces(connectorId: string, { id, ...run }: RunRow) {
  const all = async (sql: string, value: string) => (await sync.pool.query(sql, [value])).rows as unknown[];
  const { status, counts, complete, breaker } = run;
  return {
    run: { status, counts, complete, breaker },
    records: await all(
      'select r.value from sync_run_batches b, json_array_elements(b.records) with ordinality r(value, n) where run_id = $1 order by seq, n',
      id,
    ),
    rows: await all(
      `select cmp_id, cmp_account_id, name, status, auto_renew, renewal_date, version, announced_version,
         gone_at is null as here, gone_reason, detail_wanted_at is null as read
       from provider_subscriptions where connector_id = $1 order by cmp_id`,
      connectorId,
    ),
    events: await all(
      `select type, data::jsonb - array['connectorId', 'providerSubscriptionId', 'providerAccountId', 'asOf'] as data from outbox
       where data::jsonb->>'connectorId' = $1 and type like '%provider-subscription%' order by position`,
      connectorId,
    ),
  };
}

type Step = (world: Subscription[]) => Subscription[];

const change = fc.record(
  {
    name: fc.constantFrom('A', 'B'),
    customer: fc.integer({ min: 1, max: 3 }),
    status: fc.constantFrom('active', 'hold', 'terminated'),
    note: fc.integer({ min: 0, max: 2 }),
    form: fc.oneof({ weight: 3, arbitrary: fc.constant('plain' as const) }, fc.constantFrom(...forms)),
  },
  { requiredKeys: [] },
);
const at = fc.nat(59);
const edit = fc.oneof(
  fc.tuple(at, change).map(
    ([n, to]): Step =>
      (all) =>
        all.map((one, i) => (i === n ? { ...one, ...to } : one)),
  ),
  fc.tuple(at, change).map(([n, to]): Step => (all) => [subscription(200 + n, to), ...all]),
  at.map(
    (n): Step =>
      (all) =>
        all.filter((_, i) => i !== n),
  ),
  fc.tuple(at, at).map(([from, to]): Step => (all) => {
    const rest = all.filter((_, i) => i !== from);
    return all[from] ? [...rest.slice(0, to), all[from], ...rest.slice(to)] : all;
  }),
  fc.tuple(at, at, change).map(([from, to, as]): Step => (all) => {
    const again = all[from];
    return again ? [...all.slice(0, to), { ...again, ...as }, ...all.slice(to)] : all;
  }),
);
/** What happens to a stored row other than by a listing. */
const elsewhere = fc.constantFrom(
  undefined,
  `name = 'Elsewhere', hash = gen_random_uuid(), version = version + 1`,
  `gone_at = now(), gone_reason = 'no-longer-listed', version = version + 1`,
);
const round = fc.record({
  edits: fc.array(edit, { maxLength: 4 }),
  row: fc.tuple(at, elsewhere),
  mapping: fc.constantFrom(1, 1, 1, 2),
  skip: fc.constantFrom([], [], ['2']),
  apply: fc.constantFrom(true, true, true, false),
});

it('leaves behind exactly what a sweep that reads every record does', async () => {
  let all = 0;
  let parsed = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(round, { minLength: 3, maxLength: 6 }),
      fc.constantFrom(500, 25),
      async (rounds, size) => {
        const [knowing, reading] = [await connector(), await connector()];
        let world = Array.from({ length: 40 }, (_, n) => subscription(100 - n, { customer: 1 + (n % 3) }));
        listing.pageSize = size;
        for (const { edits, row, mapping, skip, apply } of [undefined, ...rounds].map((it) => it ?? first)) {
          world = edits.reduce((now, step) => step(now), world);
          listing.records = world.map(json);
          if (row[1])
            await sync.pool.query(
              `update provider_subscriptions set ${row[1]} where connector_id = any($1) and cmp_id = $2`,
              [[knowing, reading], String(100 - row[0])],
            );
          const options = { apply, skip: new Set<string>(skip) };
          const one = await sweep(knowing, { ...options, mapping });
          const other = await sweep(reading, options);
          all += other.parsed;
          parsed += one.parsed;
          expect(await traces(knowing, one.run)).toEqual(await traces(reading, other.run));
        }
      },
    ),
    { numRuns: Number(process.env.KNOWN_RECORDS_RUNS ?? 10), endOnFailure: true },
  );
  expect(parsed).toBeLessThan(0.8 * all);
});

const first = { edits: [], row: [0, undefined] as const, mapping: 1, skip: [] as string[], apply: true };
const thousand = () => Array.from({ length: 1_200 }, (_, n) => subscription(5_000 - n));

describe('of an unchanged listing', () => {
  let connectorId: string;
  beforeEach(async () => {
    connectorId = await connector();
    listing.records = thousand().map(json);
    const { run, parsed } = await sweep(connectorId, { mapping: 1 });
    expect(run.counts).toMatchObject({ read: 1_200, appeared: 1_200 });
    expect(parsed).toBeGreaterThanOrEqual(1_200);
  });

  it('parses nothing', async () => {
    const { run, parsed } = await sweep(connectorId, { mapping: 1 });
    expect(parsed).toBe(0);
    expect(run).toMatchObject({ complete: true, counts: { read: 1_200, unchanged: 1_200, setAside: 0 } });
  });

  it('parses one record if one is new at the front, although it moves every page', async () => {
    listing.records.unshift(json(subscription(9_000)));
    const { run, parsed } = await sweep(connectorId, { mapping: 1 });
    expect(parsed).toBe(1);
    expect(run.counts).toMatchObject({ read: 1_201, appeared: 1, unchanged: 1_200 });
  });

  it('parses everything once if the mapping has changed', async () => {
    expect((await sweep(connectorId, { mapping: 2 })).parsed).toBeGreaterThanOrEqual(1_200);
    expect((await sweep(connectorId, { mapping: 2 })).parsed).toBe(0);
  });

  it('parses a record once more if only what is not mirrored has changed, and writes no version of it', async () => {
    listing.records[7] = json(subscription(4_993, { note: 1 }));
    expect(await sweep(connectorId, { mapping: 1 })).toMatchObject({
      parsed: 1,
      run: { counts: { unchanged: 1_200 } },
    });
    expect((await sweep(connectorId, { mapping: 1 })).parsed).toBe(0);
    expect(
      await sync.one('select max(version) as n from provider_subscriptions where connector_id = $1', [
        connectorId,
      ]),
    ).toEqual({ n: 1 });
  });

  it('parses a record whose row was written by something else', async () => {
    await sync.pool.query(
      `update provider_subscriptions set hash = gen_random_uuid() where connector_id = $1 and cmp_id = '4900'`,
      [connectorId],
    );
    expect(await sweep(connectorId, { mapping: 1 })).toMatchObject({ parsed: 1 });
  });

  it('reports an invalid record every time', async () => {
    listing.records[7] = json(subscription(4_993, { form: 'invalid day' }));
    for (let n = 0; n < 2; n += 1)
      expect(await sweep(connectorId, { mapping: 1 })).toMatchObject({
        parsed: 1,
        run: { counts: { setAside: 1 } },
      });
  });
});
