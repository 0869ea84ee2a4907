import { CallBudget, CmpClient, readListing, type ListingProof } from '@isthmus/cmp-client';
import { defaultAccounts, startSimulator, type RunningSimulator } from '@isthmus/cmp-simulator';

const { username, password, subscriptionKey, marketplace } = defaultAccounts[0];

describe('the client before a CMP that misbehaves', () => {
  let simulator: RunningSimulator;
  let client: CmpClient;

  beforeAll(async () => {
    simulator = await startSimulator({
      world: 'sized:40:2600',
      seed: 3,
      limits: { perMinute: null, perDay: null },
    });
  });
  afterAll(() => simulator.close());
  beforeEach(() => {
    const connection = {
      connectorId: 'c',
      apiUrl: simulator.apiUrl,
      username,
      password,
      subscriptionKey,
      marketplace,
    };
    client = new CmpClient(connection, {
      budget: CallBudget.local({ assumptions: { callsPerMinute: null } }),
      random: () => 0,
    });
  });
  afterEach(() => simulator.control.clearFaults());

  async function readAll(): Promise<{ ids: string[]; proof: ListingProof }> {
    const ids: string[] = [];
    const listing = readListing((offset, limit) => client.subscriptions.page({ offset, limit }));
    for (;;) {
      const { value, done } = await listing.next();
      if (done) return { ids, proof: value };
      ids.push(...value.records.map(({ id }) => id!));
    }
  }

  it.each([
    ['html-504', {}],
    ['cut', {}],
    ['answer-lost', {}],
    ['wrong-content-type', {}],
    ['throttle', { retryAfter: 1 }],
    ['token-revoked', {}],
  ] as const)('reads a whole listing past %s', async (kind, parameters) => {
    await simulator.control.fault({
      kind,
      match: { path: '^/subscriptions' },
      after: 2,
      times: 1,
      ...parameters,
    });
    const { ids, proof } = await readAll();
    expect(proof).toMatchObject({ complete: true, reasons: [] });
    expect(new Set(ids).size).toBe(proof.totalLast);
  });

  it.each([
    ['error', 'cmp.unavailable'],
    ['error-body-200', 'cmp.unavailable'],
    ['html-200', 'cmp.contract-broken'],
    ['empty-200', 'cmp.contract-broken'],
  ] as const)('stops loudly at %s', async (kind, code) => {
    await simulator.control.fault({ kind, match: { path: '^/subscriptions' }, after: 2, times: null });
    await expect(readAll()).rejects.toMatchObject({ code, operation: 'subscriptions.page' });
  });

  it.each([1, 2, null])('misses nothing when pages are repeated (%j times)', async (times) => {
    const all = (await readAll()).ids;
    await simulator.control.fault({
      kind: 'repeat-page',
      match: { path: '^/subscriptions' },
      after: 2,
      times,
    });
    const { ids, proof } = await readAll();
    expect(new Set(ids)).toEqual(new Set(all));
    expect(proof).toMatchObject({ complete: true, rows: all.length });
    expect(proof.repeats).toBeGreaterThan(0);
  });

  it('misses nothing when rows come and go between the pages', async () => {
    const before = new Set((await readAll()).ids);
    await simulator.control.fault({
      kind: 'shift-rows',
      match: { path: '^/subscriptions' },
      times: null,
      insert: 3,
      remove: 2,
    });
    const { ids, proof } = await readAll();
    await simulator.control.clearFaults();
    const after = new Set((await readAll()).ids);
    const stayed = [...before].filter((id) => after.has(id));
    const seen = new Set(ids);
    expect(stayed.filter((id) => !seen.has(id))).toEqual([]);
    expect(proof.complete).toBe(true);
  });

  it.each([
    ['html-504', 'unknown'],
    ['answer-lost', 'unknown'],
    ['cut', 'unknown'],
    ['error-after-accepting', 'unknown'],
    ['throttle', 'refused'],
    ['late-accept', 'unknown'],
  ] as const)('sends an order once and knows its outcome after %s', async (kind, outcome) => {
    const { records } = await client.subscriptions.page({ limit: 1 });
    const customerId = records.flatMap((record) => (record.ok ? record.value.customerId : []))[0]!;
    const bought = await simulator.control.buySubscription({ customerId });
    await simulator.control.clearRequests();
    await simulator.control.fault({ kind, match: { method: 'POST', path: '^/orders$' } });
    const placing = client.orders.place({ type: 'cancellation', customerId, subscriptionId: bought.id });
    await expect(placing).rejects.toMatchObject({ operation: 'orders.place', outcome });
    const sent = (await simulator.control.requests()).filter(
      ({ method, path }) => method === 'POST' && /^\/orders$/.test(path),
    );
    expect(sent).toHaveLength(1);
  });
});
