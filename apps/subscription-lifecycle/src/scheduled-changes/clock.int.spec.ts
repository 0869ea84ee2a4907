import { eventually } from '@isthmus/testing';
import { daysAhead, runSchedules, type Schedules } from '../../test/schedules.fixture.ts';

let schedules: Schedules;
beforeAll(async () => {
  schedules = await runSchedules({
    SCHEDULE_POLL_MS: '50',
    WARNING_POLL_MS: '50',
    RENEWAL_WARNING_DAYS: '33',
  });
});
afterAll(() => schedules.stop());

it('a running service orders what is due and warns by its settings, unasked', async () => {
  const subscriptionId = await schedules.subscribed({ renewalDate: daysAhead(30) });
  const { body } = await schedules.plan({
    subscriptionId,
    kind: 'change-quantity',
    seats: 12,
    at: daysAhead(1),
  });
  await eventually(
    async () =>
      (await schedules.said()).find(
        ({ subject, data }) => subject.includes('renewal-ahead') && data.subscriptionId === subscriptionId,
      )?.data.daysAhead === 33 || undefined,
  );
  expect((await schedules.change(body.id)).status).toBe('planned');
  await schedules.comeDue(body.id);
  await eventually(async () => (await schedules.change(body.id)).status === 'ordered' || undefined);
  expect(await schedules.ordersOf(subscriptionId)).toHaveLength(1);
});

it('goes on when the database had been away for a look', async () => {
  await schedules.pool.query('alter table scheduled_changes rename to away');
  await new Promise((resolve) => setTimeout(resolve, 200));
  await schedules.pool.query('alter table away rename to scheduled_changes');
  const subscriptionId = await schedules.subscribed({ renewalDate: daysAhead(30) });
  const { body } = await schedules.plan({
    subscriptionId,
    kind: 'change-quantity',
    seats: 12,
    at: daysAhead(1),
  });
  await schedules.comeDue(body.id);
  await eventually(async () => (await schedules.change(body.id)).status === 'ordered' || undefined);
});
