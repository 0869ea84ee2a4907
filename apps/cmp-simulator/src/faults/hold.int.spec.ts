import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningSimulator } from '../start-simulator.ts';
import { sale } from '../../test/orders.fixture.ts';
import { CmpUser, quietSimulator } from '../../test/cmp-user.fixture.ts';

let simulator: RunningSimulator;
let user: CmpUser;
let customerId: string;
beforeEach(async () => {
  simulator = await quietSimulator();
  user = new CmpUser(simulator);
  await user.signIn();
  customerId = (await simulator.control.addCustomers({}))[0]!.id;
});
afterEach(() => simulator.close());

const match = { method: 'POST', path: '^/orders$' };
const ordered = async () => (await simulator.control.ledger()).length;
const place = () => user.post('/orders', sale(customerId));
const held = async () =>
  (await simulator.control.requests()).filter(
    ({ faults, status }) => faults[0] === 'hold' && status === null,
  );
const heldOne = async () => {
  for (let n = 0; n < 400 && (await held()).length === 0; n += 1) await sleep(5);
  expect(await held()).toHaveLength(1);
};

it('keeps an order before it is placed until it is let go', async () => {
  const { id } = await simulator.control.fault({ kind: 'hold', match });
  const placing = place();
  await heldOne();
  expect(await ordered()).toBe(0);
  expect(await simulator.control.clearFault(id)).toEqual({ cleared: 1 });
  expect((await placing).status).toBe(200);
  expect(await ordered()).toBe(1);
});

it.each([
  ['before: the order is not placed', false, 0],
  ['after: it is', true, 1],
])('the caller hangs up %s', async (_, done, times) => {
  await simulator.control.fault({ kind: 'hold', done, match });
  const hangUp = new AbortController();
  const placing = user.post('/orders', sale(customerId), hangUp.signal);
  await heldOne();
  hangUp.abort();
  await expect(placing).rejects.toThrow('aborted');
  await sleep(50);
  await simulator.control.clearFaults();
  await sleep(50);
  expect(await ordered()).toBe(times);
});

it('tells calls of one path apart by what they say', async () => {
  await simulator.control.fault({
    kind: 'error',
    match: { path: '^/orders$', content: '"quantity":7\\b' },
  });
  expect((await place()).status).toBe(200);
  expect((await user.post('/orders', sale(customerId, {}, { quantity: 7 }))).status).toBe(500);
  await simulator.control.fault({
    kind: 'html-200',
    match: { path: '^/orders$', content: 'creationTimeFrom' },
  });
  expect((await user.get('/orders')).status).toBe(200);
  expect((await user.get('/orders?creationTimeFrom=2026-01-01T00:00:00Z')).text).toContain('<html>');
  await expect(simulator.control.fault({ kind: 'error', match: { content: '(' } })).rejects.toThrow(
    'regular expression',
  );
});
