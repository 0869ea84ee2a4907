import { randomUUID } from 'node:crypto';
import { ConnectorPausedV1, ConnectorResumedV1 } from '@isthmus/contracts';
import { systemClock } from '@isthmus/domain';
import { Message } from '@isthmus/messaging';
import { runQuoting } from '../../test/neighbours.fixture.ts';
import { ConnectorEvents } from '../accounts/accounts.events.ts';
import { workOnOne } from './protocol/order-steps.ts';

let quoting: Awaited<ReturnType<typeof runQuoting>>;
beforeAll(async () => {
  quoting = await runQuoting();
});
afterAll(() => quoting?.stop());
afterEach(async () => {
  await control().clearFaults();
  await control().quirks({ customerAcceptance: 'none' });
});

const control = () => quoting.simulator.control;
const strike = (kind: string, more: object = {}, match: object = { method: 'POST', path: '^/orders$' }) =>
  control().fault({ kind, match, times: 1, ...more } as never);
const read = async (id: string) => (await quoting.call('GET', `/v1/orders/${id}`)).body;
const waitingFor = async (cause: string) =>
  (await quoting.call('GET', `/v1/orders?waitingFor=${cause}&limit=100`)).body.data.map(
    ({ id }: { id: string }) => id,
  );
let versions = 0;
const message = () =>
  new Message('x', {
    id: randomUUID(),
    subject: quoting.connectorId,
    tenantId: quoting.tenantId,
    correlationId: 'c',
    aggregateVersion: (versions += 1),
    time: new Date().toISOString(),
  });
const pause = (more: Partial<ConnectorPausedV1> = {}) =>
  quoting.service.get(ConnectorEvents).paused(
    {
      ...{ connectorId: quoting.connectorId, name: 'Ingram', automatic: false, cause: 'person' },
      ...{ detail: 'Stocktaking.', nextStep: '', by: 'jane' },
      ...more,
    },
    message(),
  );
const resume = () =>
  quoting.service
    .get(ConnectorEvents)
    .resumed(
      { connectorId: quoting.connectorId, name: 'Ingram', by: 'jane' } as ConnectorResumedV1,
      message(),
    );
/** Takes steps until CMP has the order. */
const accepted = async (id: string) => {
  await quoting.until(id, 'accepted', 'refused');
  // Followed once, as a worker does within seconds.
  for (let n = 0; n < 10; n += 1) {
    if (!(await workOnOne('spec', quoting.ports))) await systemClock.sleep(40);
  }
};

describe('an order says what it waits for', () => {
  it('another order', async () => {
    const subscriptionId = await quoting.bought(5);
    const first = await quoting.place({ kind: 'change-quantity', subscriptionId, seats: 6 });
    expect(first.body.waiting).toMatchObject({ for: 'cmp', nextStep: expect.any(String) });
    const second = await quoting.place({ kind: 'change-quantity', subscriptionId, seats: 7 });
    const expected = { for: 'another-order', orderId: first.body.id };
    expect(second.body.waiting).toMatchObject(expected);
    expect(await read(second.body.id)).toMatchObject({ waiting: expected, waitsFor: first.body.id });
    expect(await waitingFor('another-order')).toEqual([second.body.id]);
    await quoting.until(second.body.id, 'settled');
    expect((await read(second.body.id)).waiting).toBeNull();
    expect(await waitingFor('another-order')).toEqual([]);
  });

  it('a paused connector: by whom, or automatically and why; and goes on when it is resumed', async () => {
    const subscriptionId = await quoting.bought(5);
    await pause();
    const placed = await quoting.place({ kind: 'change-quantity', subscriptionId, seats: 6 });
    expect(placed.body.waiting).toMatchObject({
      for: 'connector-paused',
      detail: 'The connector was paused by jane. Stocktaking.',
      nextStep: expect.stringContaining('Resume the connector'),
      until: expect.any(String),
    });
    await pause({ automatic: true, detail: 'CMP refuses the password.', nextStep: 'Enter the new one.' });
    expect((await read(placed.body.id)).waiting).toMatchObject({
      detail: 'The connector was paused automatically. CMP refuses the password.',
      nextStep: expect.stringMatching(/^Enter the new one\. Then resume/),
    });
    expect(await waitingFor('connector-paused')).toContain(placed.body.id);
    await quoting.pool.query(
      `update orders set next_step_at = now() + interval '1 hour',
         record = jsonb_set(record::jsonb, '{reason}', '{"code":"connector-paused","detail":"x","nextStep":"y"}')::json where id = $1`,
      [placed.body.id],
    );
    await resume();
    expect((await read(placed.body.id)).waiting.for).toBe('cmp');
    expect(await quoting.until(placed.body.id, 'settled')).toMatchObject({ status: 'settled' });
  });

  it('a confirmation in the portal, at once', async () => {
    await strike('portal-confirmation');
    const placed = await quoting.place(quoting.purchase());
    await accepted(placed.body.id);
    const order = await read(placed.body.id);
    expect(order).toMatchObject({
      status: 'accepted',
      cmpStatusCode: 'HL',
      waiting: {
        for: 'portal-confirmation',
        detail: expect.stringContaining(`${order.cmpOrderNumber} (HL)`),
        nextStep: expect.stringContaining("in CMP's control panel"),
      },
    });
    expect(Date.parse(order.waiting.until) - Date.now()).toBeGreaterThan(70 * 3_600_000);
    await control().confirmOrder(order.cmpOrderId);
    expect((await quoting.until(placed.body.id, 'settled')).cmpWait).toBeNull();
  });

  it('the customer, before CMP takes the parameters; nothing is ordered until then', async () => {
    await control().quirks({ customerAcceptance: 'validation' });
    const wanted = quoting.purchase();
    const { body: quoted } = await quoting.quote(wanted);
    expect(quoted).toMatchObject({
      refused: null,
      cmp: { answer: 'away', reason: { code: 'customer-acceptance' } },
    });
    const placed = await quoting.place(wanted);
    for (let n = 0; n < 3; n += 1) await workOnOne('spec', quoting.ports);
    const order = await read(placed.body.id);
    expect(order).toMatchObject({
      status: 'planned',
      attempts: 0,
      waiting: {
        for: 'customer-acceptance',
        link: expect.stringMatching(/^https:/),
        until: expect.any(String),
      },
    });
    await control().acceptByCustomer(quoting.cmpAccountId);
    const settled = await quoting.until(placed.body.id, 'settled');
    expect(settled).toMatchObject({ cmpWait: null, acceptance: null });
  });

  it('the customer, with the link, after CMP has taken the order', async () => {
    const link = 'https://accept.example.com/a?b=1';
    await strike('customer-acceptance', { link });
    const placed = await quoting.place(quoting.purchase());
    await accepted(placed.body.id);
    const order = await read(placed.body.id);
    expect(order.waiting).toMatchObject({ for: 'customer-acceptance', link, until: expect.any(String) });
    expect(await waitingFor('customer-acceptance')).toEqual([placed.body.id]);
    await control().confirmOrder(order.cmpOrderId);
    await quoting.until(placed.body.id, 'settled');
  });

  it.each([
    'http://accept.example.com',
    'javascript:alert(1)',
    'https://me:secret@evil.example.com',
    'nonsense',
  ])('the customer, without a link that is not safe to open: %s', async (link) => {
    await strike('customer-acceptance', { link });
    const placed = await quoting.place(quoting.purchase());
    await accepted(placed.body.id);
    const order = await read(placed.body.id);
    expect(order.waiting).toMatchObject({
      for: 'customer-acceptance',
      nextStep: expect.stringContaining('control panel'),
    });
    expect(order.waiting.link).toBeUndefined();
    await control().confirmOrder(order.cmpOrderId);
    await quoting.until(placed.body.id, 'settled');
  });

  it('the renewal', async () => {
    const subscriptionId = await quoting.bought(5);
    const command = { kind: 'change-quantity', subscriptionId, seats: 3, when: 'renewal' };
    const placed = await quoting.place(command);
    await quoting.until(placed.body.id, 'scheduled');
    const order = await read(placed.body.id);
    const { renewalDate } = (await quoting.call('GET', `/v1/subscriptions/${subscriptionId}`)).body;
    expect(order.waiting).toMatchObject({ for: 'renewal', until: `${renewalDate}T00:00:00.000Z` });
    expect(await waitingFor('renewal')).toEqual([placed.body.id]);
  });

  it('and refuses a filter that is none', async () => {
    expect((await quoting.call('GET', '/v1/orders?waitingFor=godot')).status).toBe(400);
  });
});

describe('the total of a completed order', () => {
  const totals = (amount: string, more: object = {}) =>
    strike('other-total', { amount, times: null, ...more }, { method: 'GET', path: '^/orders/[0-9]+$' });

  it.each([
    ['more than quoted', '119.00', {}, true],
    ['less than quoted', '9.50', {}, true],
    ['another currency', '110.00', { currency: 'EUR' }, true],
    ['a cent of rounding', '110.01', {}, false],
  ])('that is %s (%s) is escalated with both amounts: %j', async (_, amount, more, escalated) => {
    const wanted = quoting.purchase();
    const { body: quoted } = await quoting.quote(wanted);
    await totals(amount, more);
    const placed = await quoting.place({ ...wanted, quoteId: quoted.id });
    const order = await quoting.until(placed.body.id, 'settled', 'needs-attention');
    expect(order.status).toBe(escalated ? 'needs-attention' : 'settled');
    if (!escalated) return;
    const currency = (more as { currency?: string }).currency ?? 'USD';
    expect(order.reason).toMatchObject({
      code: 'total-differs',
      nextStep: expect.stringContaining('Resolve'),
    });
    expect(order.reason!.detail).toContain(`${amount} ${currency}`);
    expect(order.reason!.detail).toContain('110.00 USD was quoted');
    const told = (await quoting.said()).filter(({ data }) => data.orderId === placed.body.id).at(-1);
    expect(told).toMatchObject({
      subject: 'subscription-lifecycle.order-raised.v1',
      data: {
        term: 'P1Y',
        billingPeriod: 'P1M',
        unitPrice: { amount: '22.00', currency: 'USD' },
        total: { amount: '110.00', currency: 'USD' },
        chargedTotal: { amount, currency },
      },
    });
    // Reading it again settles nothing: somebody decides.
    await quoting.pool.query('update orders set next_step_at = now() where id = $1', [placed.body.id]);
    await workOnOne('spec', quoting.ports);
    expect((await read(placed.body.id)).status).toBe('needs-attention');
    const resolved = await quoting.call('POST', `/v1/orders/${placed.body.id}/resolve`, {
      outcome: 'settled',
      reason: 'The price list of today is right.',
    });
    expect(resolved.body).toMatchObject({ status: 'settled', chargedTotal: { amount } });
  });

  it('is compared with what CMP itself estimated where nobody quoted, within the tolerance', async () => {
    await totals('115.00');
    const strict = await quoting.place(quoting.purchase());
    expect(await quoting.until(strict.body.id, 'settled', 'needs-attention')).toMatchObject({
      status: 'needs-attention',
      reason: { detail: expect.stringContaining('110.00 USD was estimated by CMP') },
    });
    await quoting.call('POST', `/v1/orders/${strict.body.id}/resolve`, {
      outcome: 'settled',
      reason: 'The price is right.',
    });
    const lenient = await quoting.place({ ...quoting.purchase(), priceTolerancePercent: 5 });
    expect(await quoting.until(lenient.body.id, 'settled', 'needs-attention')).toMatchObject({
      status: 'settled',
    });
  });

  it('of a change is compared too', async () => {
    const subscriptionId = await quoting.bought(5);
    await totals('500.00');
    const placed = await quoting.place({ kind: 'change-quantity', subscriptionId, seats: 6 });
    expect(await quoting.until(placed.body.id, 'settled', 'needs-attention')).toMatchObject({
      reason: { code: 'total-differs' },
    });
  });
});

describe('an order that nobody would be billed for', () => {
  const notDefault = 'update billing_contracts set is_default = false';
  const noContract = 'delete from billing_contracts';
  const noLink = 'update account_links set tenant_account_id = null';

  it('is one for a subscription on no contract, whatever contracts its account has', async () => {
    const subscriptionId = await quoting.bought(5);
    const more = { kind: 'change-quantity', subscriptionId, seats: 6 };
    const codes = async () =>
      (await quoting.quote(more)).body.warnings.map((warning: { code: string }) => warning.code);
    await quoting.pool.query(
      'update subscriptions set billing_contract_id = (select id from billing_contracts limit 1)',
    );
    await quoting.pool.query(notDefault);
    expect(await codes()).not.toContain('no-billing-contract');
    await quoting.pool.query('update subscriptions set billing_contract_id = null');
    expect(await codes()).toContain('no-billing-contract');
    await quoting.pool.query('update billing_contracts set is_default = true');
  });

  it.each([
    ['linked, with a contract that is not the default', [notDefault], 'no-billing-contract'],
    ['linked without a contract', [noContract], 'no-billing-contract'],
    ['not linked', [noContract, noLink], 'account-not-linked'],
  ])('(%s) carries a warning, as its quote does, and is taken all the same', async (_, changes, code) => {
    for (const change of changes) await quoting.pool.query(change);
    const { body: quoted } = await quoting.quote(quoting.purchase());
    expect(quoted.warnings).toMatchObject([{ code, nextStep: expect.stringContaining('order anyway') }]);
    const placed = await quoting.place(quoting.purchase());
    expect(placed).toMatchObject({ status: 202, body: { warnings: [{ code }] } });
    expect((await read(placed.body.id)).warnings).toMatchObject([{ code }]);
  });
});
