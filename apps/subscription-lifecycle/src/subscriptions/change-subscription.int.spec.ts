import { randomUUID } from 'node:crypto';
import { type Lifecycle, runLifecycle } from '../../test/lifecycle.fixture.ts';
import { daysAgo, mirrored } from '../../test/mirror.fixture.ts';

let lifecycle: Lifecycle;
let cmp: ReturnType<typeof mirrored>;
beforeAll(async () => {
  lifecycle = await runLifecycle();
  cmp = mirrored(lifecycle);
  await cmp.account('1', 'FABRIKAM');
});
afterAll(() => lifecycle.stop());

const patch = (id: string, body: object, headers: Record<string, string> = { 'if-match': '"1"' }) =>
  lifecycle.call('PATCH', `/v1/subscriptions/${id}`, body, headers);
const read = async (id: string) => (await lifecycle.call('GET', `/v1/subscriptions/${id}`)).body;
const saidOf = async (id: string) =>
  (await lifecycle.said()).filter(({ data }) => data.subscriptionId === id && data.changed);

describe('what is ours of a subscription', () => {
  it('is changed with history and event, and survives every sync', async () => {
    const id = await cmp.subscription();
    const billingContractId = await cmp.contract('FABRIKAM');
    const changed = await patch(id, { friendlyName: 'Front desk', billingContractId });
    expect(changed).toMatchObject({
      status: 200,
      body: { friendlyName: 'Front desk', billingContractId, version: 2 },
    });
    expect(changed.headers.get('etag')).toBe('"2"');

    await cmp.subscriptionChanged(id, 2, { seats: 14, name: 'Renamed at CMP', asOf: daysAgo(1) });
    expect(await read(id)).toMatchObject({
      friendlyName: 'Front desk',
      billingContractId,
      name: 'Renamed at CMP',
      version: 3,
    });
    const history = await lifecycle.call('GET', `/v1/subscriptions/${id}/history`);
    expect(history.body.data[1]).toMatchObject({
      source: 'person',
      by: 'someone@example.test',
      correlationId: changed.headers.get('x-correlation-id'),
      changes: [
        { fact: 'friendlyName', from: null, to: 'Front desk' },
        { fact: 'billingContractId', from: null, to: billingContractId },
      ],
    });
    const facts = { friendlyName: 'Front desk', billingContractId };
    expect((await saidOf(id)).map(({ data }) => data)).toMatchObject([
      { ...facts, changed: ['friendlyName', 'billingContractId'], source: 'person' },
      { ...facts, source: 'cmp', name: 'Renamed at CMP' },
    ]);
  });

  it('stays as it is when nothing differs, and null takes it away', async () => {
    const id = await cmp.subscription();
    await patch(id, { friendlyName: 'Kiosk' });
    expect((await patch(id, { friendlyName: 'Kiosk' }, { 'if-match': '"2"' })).body.version).toBe(2);
    expect((await patch(id, { friendlyName: null }, { 'if-match': '"2"' })).body.friendlyName).toBeNull();
    expect(await saidOf(id)).toHaveLength(2);
  });

  it.each([
    ['without If-Match', { friendlyName: 'x' }, {}, 428],
    ['based on another version', { friendlyName: 'x' }, { 'if-match': '"7"' }, 412],
    ['with an empty name', { friendlyName: '' }, { 'if-match': '"1"' }, 400],
    ['with a blank name', { friendlyName: '  ' }, { 'if-match': '"1"' }, 400],
    ['with what is not ours', { name: 'x' }, { 'if-match': '"1"' }, 400],
    ['with auto-renew beside it', { friendlyName: 'x', autoRenew: false }, { 'if-match': '"1"' }, 400],
    ['of auto-renew without a key', { autoRenew: false }, { 'if-match': '"1"' }, 400],
  ])('is not changed by a request %s', async (_, body, headers, status) => {
    const id = await cmp.subscription();
    expect((await patch(id, body, headers as Record<string, string>)).status).toBe(status);
    expect(await read(id)).toMatchObject({ version: 1, friendlyName: null });
  });

  it('is never billed under the contract of another account, or of another tenant', async () => {
    const id = await cmp.subscription();
    for (const billingContractId of [await cmp.contract('CONTOSO'), randomUUID()]) {
      const refused = await patch(id, { friendlyName: 'x', billingContractId });
      expect(refused).toMatchObject({
        status: 422,
        body: { type: 'urn:isthmus:problem:subscription.contract-not-of-account' },
      });
    }
    expect(await read(id)).toMatchObject({ version: 1, billingContractId: null });
    const stranger = await lifecycle.call(
      'PATCH',
      `/v1/subscriptions/${id}`,
      { friendlyName: 'x' },
      { 'if-match': '"1"' },
      { tenant: randomUUID() },
    );
    expect(stranger.status).toBe(404);
  });
});

describe('auto-renew', () => {
  it('is an order: 202 with where to follow it, the same for a repetition after the subscription moved on', async () => {
    const id = await cmp.subscription();
    const headers = { 'if-match': '"1"', 'idempotency-key': randomUUID() };
    const accepted = await patch(id, { autoRenew: false }, headers);
    expect(accepted).toMatchObject({
      status: 202,
      body: { kind: 'renewal-setting', autoRenew: false, subscriptionId: id },
    });
    const order = await lifecycle.call('GET', accepted.headers.get('location')!);
    expect(order.body.id).toBe(accepted.body.id);

    await cmp.subscriptionChanged(id, 2, { autoRenew: false, asOf: daysAgo(0) });
    expect((await patch(id, { autoRenew: false }, headers)).body.id).toBe(accepted.body.id);
    const late = { ...headers, 'idempotency-key': randomUUID() };
    expect((await patch(id, { autoRenew: false }, late)).status).toBe(412);
  });
});
