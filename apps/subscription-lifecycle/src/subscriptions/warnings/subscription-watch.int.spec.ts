import { randomUUID } from 'node:crypto';
import type { Json } from '../../../test/lifecycle.fixture.ts';
import { mirrored } from '../../../test/mirror.fixture.ts';
import { daysAhead, nce, runSchedules, type Schedules } from '../../../test/schedules.fixture.ts';
import { SubscriptionWatch } from './subscription-watch.worker.ts';

let schedules: Schedules;
let watch: SubscriptionWatch;
beforeAll(async () => {
  schedules = await runSchedules();
  watch = schedules.service.get(SubscriptionWatch);
});
afterAll(() => schedules.stop());

const rules = { windowHours: [48, 6], renewalDays: [90, 60, 30, 7] };
const look = async () => {
  while (await watch.checkDue(rules));
};
const line = (quantity: number) => ({
  mpn: nce,
  vendor: 'MICROSOFT',
  productId: 'P1',
  name: 'Basic',
  quantity,
});
const dayAhead = (days: number) => daysAhead(days).slice(0, 10);
const warningsOf = async (subscriptionId: string): Promise<Json[]> =>
  (await schedules.said()).filter(
    ({ subject, data }) =>
      /renewal-announced|window-closing-announced/.test(subject) && data.subscriptionId === subscriptionId,
  );
const aheadOf = async (subscriptionId: string) =>
  (await warningsOf(subscriptionId)).map(({ data }) => data.daysAhead ?? data.hoursAhead);
/** As if so many days had passed: what is stored moves back in time. */
async function pass(subscriptionId: string, days: number): Promise<void> {
  const { rows } = await schedules.pool.query('select state from subscriptions where id = $1', [
    subscriptionId,
  ]);
  const { state } = rows[0];
  const moved = {
    ...state,
    lots: state.lots?.map((lot: Json) => ({ ...lot, addedAt: lot.addedAt - days * 86_400_000 })),
  };
  await schedules.pool.query(
    'update subscriptions set state = $2, look_at = look_at - make_interval(secs => $3) where id = $1',
    [subscriptionId, JSON.stringify(moved), days * 86_400],
  );
}

describe('renewals ahead', () => {
  it('first seen inside several thresholds, says only the nearest, and that once', async () => {
    const id = await schedules.subscribed({ renewalDate: dayAhead(20), lines: [line(10)] });
    await look();
    await look();
    const [told, ...more] = await warningsOf(id);
    expect(more).toEqual([]);
    expect(told.data).toMatchObject({
      ...{ subscriptionId: id, daysAhead: 30, renewalDate: dayAhead(20), autoRenew: true },
      ...{ seats: 10, changesScheduled: false, name: 'Basic' },
    });
  });

  it('says whether changes are scheduled', async () => {
    const id = await schedules.subscribed({ renewalDate: dayAhead(5) });
    await schedules.plan({ subscriptionId: id, kind: 'change-quantity', seats: 12, at: daysAhead(1) });
    await look();
    expect((await warningsOf(id))[0]!.data).toMatchObject({ daysAhead: 7, changesScheduled: true });
  });

  it('moved to another date, says it of that date, and nothing again of one it moved back to', async () => {
    const id = await schedules.subscribed({ renewalDate: dayAhead(20) });
    await look();
    await schedules.changed(id, { renewalDate: dayAhead(50) });
    await look();
    await schedules.changed(id, { renewalDate: dayAhead(20) });
    await look();
    await schedules.changed(id, { renewalDate: dayAhead(400) });
    await look();
    expect(await aheadOf(id)).toEqual([30, 60]);
  });

  it('of what is over nothing is said', async () => {
    const id = await schedules.subscribed({ renewalDate: dayAhead(20), status: 'terminated' });
    await look();
    expect(await aheadOf(id)).toEqual([]);
  });

  it('with other settings everything is looked at anew, and what was said is not said again', async () => {
    const id = await schedules.subscribed({ renewalDate: dayAhead(20) });
    await look();
    const others = { ...rules, renewalDays: [25, 30, 10] };
    await watch.renew(others);
    while (await watch.checkDue(others));
    expect(await aheadOf(id)).toEqual([30, 25]);
    await watch.renew(rules);
    await look();
    expect(await aheadOf(id)).toEqual([30, 25]);
  });
});

describe('windows that close', () => {
  it('are told of each addition of seats, as the time comes nearer', async () => {
    const id = await schedules.subscribed({ creationDate: daysAhead(-40), asOf: daysAhead(-4) });
    await schedules.changed(id, { lines: [line(13)], asOf: daysAhead(-2) });
    await mirrored(schedules).order(id, daysAhead(-4), { seats: 3 });
    await look();
    expect(await aheadOf(id)).toEqual([]);
    await pass(id, 1.5);
    await look();
    await look();
    expect((await warningsOf(id)).map(({ data }) => [data.hoursAhead, data.seats, data.mpn])).toEqual([
      [48, 3, nce],
    ]);
    await pass(id, 1.4);
    await look();
    expect(await aheadOf(id)).toEqual([48, 6]);
    await pass(id, 1);
    await look();
    expect(await aheadOf(id)).toEqual([48, 6]);
  });
});

it('two lines bought together are told of each, though their windows close at the same moment', async () => {
  const lines = [line(3), { ...line(4), productId: 'P2' }];
  const id = await schedules.subscribed({ creationDate: daysAhead(-5), asOf: daysAhead(-5), lines });
  await look();
  await look();
  const told = (await warningsOf(id)).map(({ data }) => [data.seats, data.hoursAhead]);
  expect(told.toSorted(([a], [b]) => a - b)).toEqual([
    [3, 48],
    [4, 48],
  ]);
});

it('several replicas at once say everything once', async () => {
  const ids: string[] = [];
  while (ids.length < 40) {
    const some = Array.from({ length: 5 }, () => schedules.subscribed({ renewalDate: dayAhead(20) }));
    ids.push(...(await Promise.all(some)));
  }
  await Promise.all([look(), look(), look(), look()]);
  for (const id of ids) expect(await aheadOf(id)).toEqual([30]);
});

it('what is told and the note that it was are one: dying before the commit leaves both to the next', async () => {
  const id = await schedules.subscribed({ renewalDate: dayAhead(20) });
  await schedules.pool.query(
    `create function fail() returns trigger language plpgsql as $$ begin raise 'dead'; end $$`,
  );
  await schedules.pool.query(
    'create trigger dead before update of look_at on subscriptions execute function fail()',
  );
  await expect(watch.checkDue(rules)).rejects.toThrow('dead');
  expect(await aheadOf(id)).toEqual([]);
  await schedules.pool.query('drop trigger dead on subscriptions');
  await look();
  expect(await aheadOf(id)).toEqual([30]);
});

it('writes nothing while there is nothing to tell, among many subscriptions', async () => {
  const state = JSON.stringify({
    ...{
      name: 'Basic',
      status: 'active',
      autoRenew: true,
      renewalDate: dayAhead(45),
      lots: null,
      lines: null,
    },
  });
  await schedules.pool.query(
    `insert into subscriptions (id, tenant_id, connector_id, cmp_subscription_id, cmp_account_id, name, status, state)
     select gen_random_uuid(), $1, $2, 'many' || n, '1', 'Basic', 'active', $3::json from generate_series(1, 2000) n`,
    [schedules.tenantId, randomUUID(), state],
  );
  await look();
  const count = async () =>
    (
      await schedules.pool.query(
        `select (select count(*) from warnings_told) as told, (select count(*) from outbox) as said,
           (select max(xmin::text::bigint) from subscriptions) as written`,
      )
    ).rows[0];
  const before = await count();
  await look();
  await watch.renew(rules);
  await look();
  expect(await count()).toEqual(before);
  expect(Number(before.told)).toBeGreaterThan(2_000);
});
