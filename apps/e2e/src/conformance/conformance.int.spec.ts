import {
  defaultAccounts,
  startSimulator,
  type RunningSimulator,
  type SimulatorOptions,
} from '@isthmus/cmp-simulator';
import type { CmpConnection } from '@isthmus/cmp-client';
import {
  conformanceSteps,
  conformanceTable,
  runConformance,
  type ConformanceOptions,
  type StepReport,
} from '@isthmus/cmp-client/conformance';

const unlimited = { callsPerMinute: 100_000, callsPerDay: null };

describe('the simulator, questioned as a real CMP would be', () => {
  let simulator: RunningSimulator;

  const start = async (options: SimulatorOptions = {}) => {
    simulator = await startSimulator({
      world: 'sized:60:1300',
      seed: 7,
      limits: { perMinute: null, perDay: null },
      ...options,
    });
  };
  afterEach(() => simulator.close());

  async function question(options: ConformanceOptions = {}): Promise<StepReport[]> {
    const { username, password, subscriptionKey, marketplace } = defaultAccounts[0];
    const connection: CmpConnection = {
      connectorId: 'conformance',
      apiUrl: simulator.apiUrl,
      username,
      password,
      subscriptionKey,
      marketplace,
    };
    const reports: StepReport[] = [];
    for await (const report of runConformance(connection, { assumptions: unlimited, ...options }))
      reports.push(report);
    return reports;
  }

  const contradictions = (reports: StepReport[]) =>
    reports.flatMap(({ step, failure, observations }) => [
      ...(failure ? [`${step}: ${failure}`] : []),
      ...observations
        .filter(({ holds }) => holds === false)
        .map((found) => `${step}: ${JSON.stringify(found)}`),
    ]);
  const subject = (reports: StepReport[], name: string) =>
    reports.flatMap(({ observations }) => observations).filter((found) => found.subject === name);

  it('agrees with every assumption of the client, and the data can tell nearly all of them', async () => {
    await start();
    const bought = await simulator.control.buySubscription();
    const seats = bought.products![0]!.quantity;
    const reports = await question({ writableSubscriptionId: bought.id });

    expect(contradictions(reports)).toEqual([]);
    const told = reports.flatMap(({ observations }) => observations).filter(({ holds }) => holds === true);
    expect(told.length).toBeGreaterThan(25);
    expect(subject(reports, 'businessRefusals')).toMatchObject([{ holds: true }]);
    const after = await simulator.control.patchSubscription(bought.id!, {});
    expect(after.products![0]!.quantity).toBe(seats);
    expect(reports.map(({ step }) => step)).toEqual(conformanceSteps.map(({ name }) => name));
  });

  it('only reads unless it is told otherwise', async () => {
    await start();
    await simulator.control.clearRequests();
    const reports = await question();
    const written = (await simulator.control.requests()).filter(
      ({ method, path }) => method !== 'GET' && path !== '/token',
    );
    expect(written).toEqual([]);
    expect(reports.filter(({ skipped }) => skipped).map(({ step }) => step)).toEqual([
      'renewal switch',
      'change quantity',
      'rate limit',
    ]);
  });

  it('finds out that a CMP takes differences where totals are assumed, and leaves the seats as they were', async () => {
    await start({ orderDelaySeconds: 0, quirks: { changeQuantity: 'delta' } });
    const bought = await simulator.control.buySubscription();
    const reports = await question({ writableSubscriptionId: bought.id });
    expect(subject(reports, 'changeQuantityIsTotal')).toMatchObject([{ holds: false }]);
    const after = await simulator.control.patchSubscription(bought.id!, {});
    expect(after.products![0]!.quantity).toBe(bought.products![0]!.quantity);
  });

  it('finds out the call limit', async () => {
    await start({ limits: { perMinute: 80, perDay: null } });
    const reports = await question({ press: true, assumptions: { ...unlimited, callsPerMinute: 80 } });
    expect(subject(reports, 'callsPerMinute')).toMatchObject([{ assumed: '80', holds: true }]);
    expect(subject(reports, 'retryAfterFallbackSeconds')).toMatchObject([
      { observed: expect.stringMatching(/^wait \d+ s/) },
    ]);
  });

  it('prints what it learned as a table', async () => {
    await start();
    const table = conformanceTable(await question());
    expect(table).toMatch(/^=\s+maxPageSize\s+500\s+500 rows at 500, 500 at 1000\s+page limit$/m);
    expect(table).toMatch(/^-\s.*left out: it would change a subscription\s+change quantity$/m);
  });
});
