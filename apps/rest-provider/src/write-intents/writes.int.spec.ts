import { randomUUID } from 'node:crypto';
import {
  type Json,
  type RunningProvider,
  runRestProvider,
  type Work365,
} from '../../test/rest-provider.fixture.ts';

let provider: RunningProvider;
let client: Work365;
let customer: { id: string };
beforeAll(async () => {
  provider = await runRestProvider();
});
afterAll(() => provider?.stop());
beforeEach(() => {
  client = provider.client({ label: 'Contoso Work 365' });
  customer = { id: provider.world.account(client.tenantId, client.connectorId).providerAccountId };
  Object.assign(provider.world, { ordered: [], outcome: 'settled', held: false });
});

const partNumber = 'INGRAM:MICROSOFT:CFQ7TTC0LH16:0001';
const buy = (quantity: number) => client.call('POST', '/subscriptions', { partNumber, quantity, customer });
const list = (query = '', tenant = client.tenantId, roles = ['viewer']) =>
  provider.read(`/v1/work365/writes${query}`, { tenant, roles });
const rows = async (query = ''): Promise<Json[]> => (await list(query)).body.data;

it('writes are listed with what was requested, their orders and who asked; a repetition is the same one', async () => {
  const bought = await buy(5);
  await buy(5);
  expect(await rows()).toEqual([
    {
      id: bought.body.id,
      connectorId: client.connectorId,
      ...{ kind: 'purchase', status: 'done', customerId: customer.id, refusal: null },
      subscriptionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      requested: expect.objectContaining({ partNumber, quantity: 5 }),
      orderIds: [...provider.world.states.keys()].slice(-1),
      requestedBy: 'work365 Contoso Work 365',
      createdAt: expect.stringMatching(/Z$/),
      finishedAt: expect.stringMatching(/Z$/),
    },
  ]);
});

it('a refused write shows why, and one that waits for an approval that it does', async () => {
  provider.world.outcome = 'refused';
  expect((await buy(1)).status).toBe(422);
  Object.assign(provider.world, { outcome: 'settled', held: true });
  expect((await buy(2)).status).toBe(409);
  const [waiting, refused] = await rows();
  expect(waiting).toMatchObject({ status: 'awaiting-approval', refusal: null, finishedAt: null });
  expect(refused).toMatchObject({
    status: 'refused',
    refusal: { code: expect.stringMatching(/^order\./), detail: expect.any(String) },
  });
  expect((await rows('?status=refused')).map(({ id }) => id)).toEqual([refused.id]);
  expect((await rows('?kind=change')).length).toBe(0);
});

it('writes are found by connector, subscription and time, page by page even within one moment', async () => {
  for (const quantity of [1, 2, 3]) await buy(quantity);
  await provider.pool.query(
    `update write_intents set created_at = '2026-11-27T10:00:00.123456Z' where tenant_id = $1`,
    [client.tenantId],
  );
  const all = (await rows()).map(({ id }) => id);
  expect(all).toHaveLength(3);
  const paged: string[] = [];
  for (let cursor = ''; ;) {
    const { body } = await list(`?limit=1${cursor}`);
    paged.push(...body.data.map(({ id }: Json) => id));
    if (body.nextCursor === null) break;
    cursor = `&cursor=${body.nextCursor}`;
  }
  expect(paged).toEqual(all);
  const [{ subscriptionId, id }] = await rows('?limit=1');
  expect((await rows(`?subscriptionId=${subscriptionId}`)).map((row) => row.id)).toEqual([id]);
  expect(await rows(`?connectorId=${client.connectorId}`)).toHaveLength(3);
  expect(await rows(`?connectorId=${randomUUID()}`)).toEqual([]);
  expect(await rows('?from=2026-11-27T10:00:01Z')).toEqual([]);
  expect(await rows('?to=2026-11-27T10:00:01Z')).toHaveLength(3);
  for (const wrong of ['?cursor=x', '?status=lost', '?kind=sale', '?to=now'])
    expect([wrong, (await list(wrong)).status]).toEqual([wrong, 400]);
});

it('writes are those of the own tenant, and need a role', async () => {
  await buy(1);
  expect((await list('', randomUUID())).body.data).toEqual([]);
  expect((await list('', client.tenantId, [])).status).toBe(403);
});
