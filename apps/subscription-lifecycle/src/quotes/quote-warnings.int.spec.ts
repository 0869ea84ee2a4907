import { runQuoting } from '../../test/neighbours.fixture.ts';

let quoting: Awaited<ReturnType<typeof runQuoting>>;
beforeAll(async () => {
  quoting = await runQuoting();
});
afterAll(() => quoting?.stop());

describe('a quote', () => {
  it('warns of scheduled changes that an immediate one would drop, and is refused unless that is meant', async () => {
    const subscriptionId = await quoting.bought(10);
    const { body: kept } = await quoting.place({
      kind: 'change-quantity',
      subscriptionId,
      seats: 7,
      when: 'renewal',
    });
    await quoting.until(kept.id, 'scheduled');
    const command = { kind: 'change-quantity', subscriptionId, seats: 15 };
    const lost = { code: 'scheduled-changes-would-be-lost', detail: expect.stringContaining('7 seats') };
    const { body } = await quoting.quote(command);
    expect(body).toMatchObject({ total: { amount: '110.00' }, warnings: [lost], refused: lost });
    const meant = await quoting.quote({ ...command, dropScheduledChanges: true });
    expect(meant.body).toMatchObject({ warnings: [lost], refused: null });
    const setting = await quoting.quote({ kind: 'renewal-setting', subscriptionId, autoRenew: false });
    expect(setting.body.warnings).toEqual([]);
  });

  it('warns of orders that will change the subscription first', async () => {
    const subscriptionId = await quoting.bought(10);
    const { body: ahead } = await quoting.place({ kind: 'change-quantity', subscriptionId, seats: 12 });
    const command = { kind: 'change-quantity', subscriptionId, seats: 15 };
    const { warnings, refused } = (await quoting.quote(command)).body;
    expect([warnings.length, refused]).toEqual([1, null]);
    expect(warnings[0]).toMatchObject({
      code: 'orders-under-way',
      detail: expect.stringContaining(ahead.id),
    });
    await quoting.until(ahead.id, 'settled');
    expect((await quoting.quote(command)).body).toMatchObject({
      lines: [{ seatsBefore: 12, seatsAfter: 15 }],
      warnings: [],
    });
  });
});
