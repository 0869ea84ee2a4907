import type { RunningSimulator } from '../start-simulator.ts';
import { CmpUser, quietSimulator, type Reply } from '../../test/cmp-user.fixture.ts';

let simulator: RunningSimulator;
let user: CmpUser;
beforeAll(async () => {
  simulator = await quietSimulator();
  user = new CmpUser(simulator);
});
afterAll(() => simulator.close());

type Row = Record<string, string> & { id: string };
const rows = (reply: Reply): Row[] => reply.body.data;
const ids = (reply: Reply) => rows(reply).map(({ id }) => id);
const total = (reply: Reply): number => reply.body.pagination.total;
const every = async (path: string) =>
  rows(await user.get(`${path}${path.includes('?') ? '&' : '?'}limit=500`));

describe.each(['/customers', '/products', '/subscriptions', '/orders', '/plans'])('GET %s', (path) => {
  it('answers ten rows from the front unless asked otherwise', async () => {
    const reply = await user.get(path);
    expect(rows(reply)).toHaveLength(10);
    expect(reply.body.pagination).toEqual({ offset: 0, limit: 10, total: expect.any(Number) });
  });

  it('tells the same rows in pages as at once, newest first across the borders', async () => {
    const whole = ids(await user.get(`${path}?limit=50`));
    const paged = await Promise.all(
      [0, 20, 40].map((offset) => user.get(`${path}?limit=20&offset=${offset}`)),
    );
    expect(paged.flatMap(ids).slice(0, 50)).toEqual(whole);
    const numbers = whole.map((id) => Number(id.replace(/\D/g, '')));
    expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
  });

  it('cuts a page at 500 rows and ignores parameters it does not know', async () => {
    const reply = await user.get(`${path}?limit=9999&updatedSince=2026-01-01&offset=1`);
    expect(reply.body.pagination).toMatchObject({ offset: 1, limit: 500 });
    expect(rows(reply).length).toBe(Math.min(500, total(reply) - 1));
    expect(total(reply)).toBe(total(await user.get(path)));
  });

  it('answers an empty page beyond the end, and 400 for an offset or limit out of range', async () => {
    const beyond = await user.get(`${path}?offset=100000`);
    expect(rows(beyond)).toEqual([]);
    expect(total(beyond)).toBeGreaterThan(0);
    for (const query of ['offset=-1', 'limit=0', 'limit=ten'])
      expect((await user.get(`${path}?${query}`)).status).toBe(400);
  });
});

describe('filters', () => {
  it.each([
    '/subscriptions?status=active,hold',
    '/orders?status=completed,error',
    '/subscriptions?status=Active',
  ])('refuses %s: one known value only', async (path) => {
    expect(await user.get(path)).toMatchObject({
      status: 400,
      body: { status: 400, message: expect.stringContaining('status') },
    });
  });

  it('narrows customers by part of a name, a contact and an external id', async () => {
    const [someone] = await every('/customers?name=tim').then((found) =>
      found.filter(({ externalId }) => externalId),
    );
    expect((await every('/customers?name=TIM')).every(({ name }) => /tim/i.test(name!))).toBe(true);
    const email = (someone as unknown as { contactPersons: { email: string }[] }).contactPersons[0]!.email;
    expect(await every(`/customers?email=${email}`)).toEqual([someone]);
    expect(await every(`/customers?externalId=${someone!.externalId}`)).toEqual([someone]);
    expect(await every('/customers?externalId=CRM')).toEqual([]);
  });

  it('narrows products by part number, which is not unique, by vendor and by service', async () => {
    expect(await every('/products?mpn=CFQ7TTC0LCHC:0002')).toHaveLength(6);
    expect(await every('/products?mpn=BACKUP-STD&vendor=VEEAM')).toHaveLength(1);
    expect(
      (await every('/products?serviceName=Office365')).every(({ mpn }) => /^[0-9a-f-]{36}/.test(mpn!)),
    ).toBe(true);
    expect(await every('/products?name=visio')).toHaveLength(3);
  });

  it('narrows subscriptions by customer, status and days of creation, both ends included', async () => {
    const all = [...(await every('/subscriptions')), ...(await every('/subscriptions?offset=500'))];
    const { customerId } = all[400]!;
    expect(await every(`/subscriptions?customerId=${customerId}`)).toEqual(
      all.filter((row) => row.customerId === customerId),
    );
    expect(await every('/subscriptions?status=hold')).toEqual(all.filter(({ status }) => status === 'hold'));
    const [to, from] = [all[100]!.creationDate!, all[160]!.creationDate!];
    expect(await every(`/subscriptions?creationDateFrom=${from}&creationDateTo=${to}`)).toEqual(
      all.filter(({ creationDate }) => creationDate! >= from && creationDate! <= to),
    );
    expect((await user.get('/subscriptions?creationDateFrom=yesterday')).status).toBe(400);
  });

  it('narrows orders by customer, subscription, number, status, code and time', async () => {
    const all = [
      ...(await every('/orders')),
      ...(await every('/orders?offset=500')),
      ...(await every('/orders?offset=1000')),
      ...(await every('/orders?offset=1500')),
    ];
    expect(all).toHaveLength(total(await user.get('/orders')));
    const some = all[700]!;
    expect(await every(`/orders?customerId=${some.customerId}`)).toEqual(
      all.filter((row) => row.customerId === some.customerId),
    );
    expect(await every(`/orders?orderNumber=${some.orderNumber}`)).toEqual([some]);
    expect(await every('/orders?orderNumber=XX000701')).toEqual([]);
    expect(await every('/orders?statusCode=AS')).toEqual(all.filter(({ statusCode }) => statusCode === 'AS'));
    expect(total(await user.get('/orders?status=error'))).toBe(
      all.filter(({ status }) => status === 'error').length,
    );
    const { subscriptionId } = (await user.get(`/orders/${some.id}`)).body;
    expect((await every(`/orders?subscriptionId=${subscriptionId}`)).map(({ id }) => id)).toContain(some.id);
    const from = all[40]!.creationDate!;
    expect(await every(`/orders?creationTimeFrom=${from}`)).toEqual(
      all.filter(({ creationDate }) => creationDate! >= from),
    );
    expect(total(await user.get(`/orders?creationTimeTo=${from}`))).toBe(
      all.filter(({ creationDate }) => creationDate! <= from).length,
    );
  });
});

describe('rows of a listing', () => {
  it('tell neither products, prices nor purchase order numbers', async () => {
    for (const row of await every('/orders'))
      expect(
        Object.keys(row).filter((name) =>
          ['poNumber', 'products', 'details', 'total', 'subscriptionId'].includes(name),
        ),
      ).toEqual([]);
    for (const row of await every('/subscriptions')) expect(Object.keys(row)).not.toContain('products');
  });

  it('leave out what is not known yet: the end of a pending term, the provisioning of an open order', async () => {
    for (const row of await every('/subscriptions?status=pending'))
      expect(Object.keys(row)).not.toContain('expirationDate');
    for (const row of await every('/orders?status=processing'))
      expect(Object.keys(row)).not.toContain('provisioningDate');
    expect((await every('/subscriptions?status=active')).every(({ expirationDate }) => expirationDate)).toBe(
      true,
    );
  });
});
