import { requestsTo } from '@isthmus/testing';
import { randomUUID } from 'node:crypto';
import { type RequestedOrderV1, PlaceOrders } from '@isthmus/contracts';
import { premium, runQuoting } from '../../test/neighbours.fixture.ts';
import { DueChanges } from '../scheduled-changes/scheduled-change.store.ts';
import { executeDueChange } from '../scheduled-changes/scheduled-changes.worker.ts';

let quoting: Awaited<ReturnType<typeof runQuoting>>;
beforeAll(async () => {
  quoting = await runQuoting();
});
afterAll(() => quoting?.stop());
beforeEach(() => {
  quoting.known.mapped.clear();
  quoting.known.partnerAttestation = undefined;
});
afterEach(async () => {
  await quoting.simulator.control.clearFaults();
  await quoting.simulator.control.quirks({ attestationRequired: false, customerAcceptance: 'none' } as never);
});

const alias = 'INGRAM:MICROSOFT:PREMIUM-ANNUAL-MONTHLY';
const codeOf = ({ body }: { body: { type: string } }) => body.type.replace('urn:isthmus:problem:', '');
const parameters = () => [
  {
    name: 'microsoft_domain',
    value: quoting.known.domains.get(quoting.providerAccountId)?.customDomain ?? '',
  },
];
const purchase = (more: object = {}) => ({
  kind: 'create',
  providerAccountId: quoting.providerAccountId,
  partNumber: alias,
  seats: 1,
  ...more,
});
/** A tenant of the customer that CMP knows. */
async function tenantKnown(seen = true) {
  const found = quoting.purchase().parameters[0]!.value;
  quoting.known.domains.set(quoting.providerAccountId, { customDomain: found, customDomainSeen: seen });
  return found;
}
const ledgerOf = async (marker: string) =>
  (await quoting.simulator.control.ledger()).filter(({ poNumber }) => poNumber === marker);

describe('an order for another term or billing period than its part number means', () => {
  beforeEach(async () => {
    await tenantKnown();
    quoting.known.mapped.set(alias, quoting.product); // P1Y, billed P1M
  });

  it.each([
    ['a monthly term', { term: 'P1M' }, { term: 'P1M', billingPeriod: null }],
    ['yearly billing', { billingPeriod: 'P1Y' }, { term: null, billingPeriod: 'P1Y' }],
    ['three years', { term: 'P3Y', billingPeriod: 'P1M' }, { term: 'P3Y', billingPeriod: 'P1M' }],
  ])('(%s) is refused with both named, as order, as quote and bound to one', async (_, terms, requested) => {
    const command = purchase(terms);
    const ordered = await quoting.place(command);
    expect([ordered.status, codeOf(ordered as never)]).toEqual([422, 'order.term-differs']);
    expect(ordered.body.detail).toContain(alias);
    expect(ordered.body.detail).toContain('1 year (P1Y)');
    expect(ordered.body.nextStep).toContain('part number');
    expect(ordered.body.offer).toEqual({ requested, actual: { term: 'P1Y', billingPeriod: 'P1M' } });
    const { body: quoted } = await quoting.quote(command);
    expect(quoted.refused).toMatchObject({ code: 'term-differs', detail: ordered.body.detail });
    const { body: right } = await quoting.quote(purchase());
    const bound = await quoting.place({ ...command, quoteId: right.id });
    expect(codeOf(bound as never)).toBe('order.term-differs');
  });

  it('is refused when another service asks, and nothing of two orders is taken', async () => {
    const orders: RequestedOrderV1[] = [purchase({ term: 'P1M' }) as never];
    const { tenantId, connectorId } = quoting;
    const question = { tenantId, connectorId, key: randomUUID(), requestedBy: 'work365', orders };
    await expect(requestsTo(quoting.service).request(PlaceOrders, question)).rejects.toMatchObject({
      code: 'order.term-differs',
      message: expect.stringContaining('P1Y'),
      nextStep: expect.stringContaining('map'),
    });
  });

  it('is taken when the same length is meant in other words, and buys the mapped product by its alias', async () => {
    const placed = await quoting.place(purchase({ term: 'P12M', billingPeriod: 'P1M' }));
    expect(placed).toMatchObject({
      status: 202,
      body: {
        term: 'P1Y',
        billingPeriod: 'P1M',
        unitPrice: { amount: '22.00', currency: 'USD' },
        total: { amount: '22.00', currency: 'USD' },
        totalFrom: 'estimate',
        warnings: [],
        waiting: { for: 'cmp' },
      },
    });
    const settled = await quoting.until(placed.body.id, 'settled', 'refused', 'needs-attention');
    expect([settled.status, settled.reason]).toEqual(['settled', null]);
    const { body } = await quoting.call('GET', `/v1/orders/${placed.body.id}`);
    expect(body).toMatchObject({ totalFrom: 'cmp', chargedTotal: { amount: '22.00' }, waiting: null });
    const atCmp = await quoting.cmp.subscriptions.get(settled.cmpSubscriptionId!);
    expect(atCmp.subscriptionPeriod).toEqual({ type: 'year', duration: 1 });
  });

  it('is refused for a change of a subscription too, which has a term already', async () => {
    const subscriptionId = await quoting.bought(5);
    const command = { kind: 'change-quantity', subscriptionId, seats: 6, term: 'P1M' };
    const ordered = await quoting.place(command);
    expect(codeOf(ordered as never)).toBe('order.term-differs');
    expect((await quoting.quote(command)).body.refused.code).toBe('term-differs');
    expect((await quoting.place({ ...command, term: 'P1Y' })).status).toBe(202);
  });

  it('is never sent where only CMP knows that the term is another', async () => {
    const { subscriptionPeriod: _, billingPeriod: __, ...silent } = quoting.product;
    quoting.known.mapped.set(alias, silent);
    for (const terms of [{ term: 'P3Y' }, { billingPeriod: 'P1Y' }]) {
      const placed = await quoting.place(purchase(terms));
      expect(placed).toMatchObject({ status: 202, body: { warnings: [{ code: 'term-not-known' }] } });
      const refused = await quoting.until(placed.body.id, 'settled', 'refused', 'needs-attention');
      expect([refused.status, refused.attempts]).toEqual(['refused', 0]);
      expect(await ledgerOf(refused.marker)).toEqual([]);
    }
    const subscriptionId = await quoting.bought(5);
    const forget = `update subscriptions set state = (state::jsonb || '{"term":null,"billingPeriod":null}')::json where id = $1`;
    await quoting.pool.query(forget, [subscriptionId]);
    const change = await quoting.place({ kind: 'change-quantity', subscriptionId, seats: 6, term: 'P3Y' });
    expect(await quoting.until(change.body.id, 'settled', 'refused')).toMatchObject({
      ...{ status: 'refused', attempts: 0, reason: { code: 'term-differs' } },
    });
    const right = await quoting.place({ kind: 'change-quantity', subscriptionId, seats: 6, term: 'P12M' });
    expect(await quoting.until(right.body.id, 'settled', 'refused')).toMatchObject({
      status: 'settled',
      reason: null,
    });
  });

  it('is no change of another product than the subscription has', async () => {
    const subscriptionId = await quoting.bought(5);
    const command = { kind: 'change-quantity', subscriptionId, seats: 6, partNumber: alias };
    for (const { status, body } of [await quoting.place(command), await quoting.quote(command)])
      expect([status, body.errors]).toEqual([400, [expect.objectContaining({ field: 'partNumber' })]]);
  });

  it('is a bad request when it names no period at all', async () => {
    for (const term of ['P0M', 'monthly', 'P1W', ''])
      expect((await quoting.place(purchase({ term }))).status).toBe(400);
  });

  it('is never sent by a change that was scheduled, or waited, while the subscription became another', async () => {
    const subscriptionId = await quoting.bought(5);
    const at = new Date(Date.now() + 3_600_000).toISOString();
    const planned = await quoting.call(
      'POST',
      '/v1/scheduled-changes',
      { kind: 'change-quantity', subscriptionId, seats: 9, at },
      { 'idempotency-key': randomUUID() },
    );
    expect(planned).toMatchObject({ status: 201, body: { mpn: premium } });
    const set = `update subscriptions set state = jsonb_set(state::jsonb, '{term}', $2::jsonb)::json where id = $1`;
    await quoting.pool.query(set, [subscriptionId, '{"type":"month","duration":1}']);
    await quoting.pool.query('update scheduled_changes set next_try_at = now() where id = $1', [
      planned.body.id,
    ]);
    await quoting.service.get(DueChanges).takeOne(executeDueChange);
    const { body } = await quoting.call('GET', `/v1/scheduled-changes/${planned.body.id}`);
    expect(body).toMatchObject({ status: 'failed', reason: { code: 'term-differs' } });
    // One that was taken over before is checked against CMP before it is sent.
    const waiting = await quoting.place({ kind: 'change-quantity', subscriptionId, seats: 7 });
    const refused = await quoting.until(waiting.body.id, 'refused', 'settled');
    expect(refused).toMatchObject({ status: 'refused', attempts: 0, reason: { code: 'term-differs' } });
    expect(await ledgerOf(refused.marker)).toEqual([]);
  });
});

describe('the Microsoft parameters of an order', () => {
  it('come from the account where a person gave none, for quotes as well', async () => {
    const known = await tenantKnown();
    const bare = { ...quoting.purchase(), parameters: undefined };
    const { body: quoted } = await quoting.quote(bare);
    expect(quoted).toMatchObject({ refused: null, cmp: { answer: 'estimated' } });
    const placed = await quoting.place({ ...bare, quoteId: quoted.id });
    const settled = await quoting.until(placed.body.id, 'settled', 'refused');
    expect(settled).toMatchObject({
      status: 'settled',
      spec: {
        parameters: [
          { name: 'tenant_preference', value: 'existing' },
          { name: 'microsoft_domain', value: known },
        ],
      },
    });
  });

  it('that other services know of the tenant are used as they are, and a repetition with more knowledge is the same', async () => {
    await tenantKnown();
    const found = parameters()[0]!.value;
    const { tenantId, connectorId } = quoting;
    const order = (exists: boolean): RequestedOrderV1 => ({
      kind: 'create',
      providerAccountId: quoting.providerAccountId,
      partNumber: `INGRAM:MICROSOFT:${premium}`,
      billingPeriod: 'P1M',
      term: 'P1Y',
      seats: 2,
      microsoftTenant: { domain: found, exists },
    });
    const question = { tenantId, connectorId, key: randomUUID(), requestedBy: 'work365' };
    const requests = requestsTo(quoting.service);
    const [first] = (await requests.request(PlaceOrders, { ...question, orders: [order(false)] })).orders;
    const [again] = (await requests.request(PlaceOrders, { ...question, orders: [order(true)] })).orders;
    expect(again!.orderId).toBe(first!.orderId);
    expect(first).toMatchObject({ outcome: 'running', waiting: { for: 'cmp' } });
  });

  it('are refused with what is missing when nobody knows a tenant', async () => {
    quoting.known.domains.clear();
    const refused = await quoting.place({ ...quoting.purchase(), parameters: undefined });
    expect(codeOf(refused as never)).toBe('order.tenant-parameters-refused');
  });
});

describe('the partner-of-record attestation', () => {
  beforeEach(async () => {
    await tenantKnown();
    await quoting.simulator.control.quirks({ attestationRequired: true } as never);
  });

  it('is sent when CMP asks for it and it was recorded for the connector', async () => {
    quoting.known.partnerAttestation = { by: 'jane', at: '2026-11-01T00:00:00Z' };
    const { body: quoted } = await quoting.quote(quoting.purchase());
    expect(quoted).toMatchObject({ refused: null, cmp: { answer: 'estimated' } });
    const placed = await quoting.place(quoting.purchase());
    quoting.ports.openCmp = () =>
      Promise.resolve(
        Object.assign(Object.create(quoting.cmp), quoting.cmp, {
          partnerAttestation: quoting.known.partnerAttestation,
        }) as never,
      );
    const settled = await quoting.until(placed.body.id, 'settled', 'refused');
    expect([settled.status, settled.reason]).toEqual(['settled', null]);
    expect((settled.spec as { parameters: unknown[] }).parameters).toContainEqual({
      name: 'partner_on_record_attestation_accepted',
      structured_value: { attestation_accepted: true },
    });
    quoting.ports.openCmp = () => Promise.resolve(quoting.cmp);
  });

  it('lacking, refuses order and quote, and says where to record it', async () => {
    const where = `/v1/connectors/${quoting.connectorId}/partner-attestation`;
    const { body: quoted } = await quoting.quote(quoting.purchase());
    expect(quoted.refused).toMatchObject({
      code: 'attestation-needed',
      nextStep: expect.stringContaining(where),
    });
    const placed = await quoting.place(quoting.purchase());
    const refused = await quoting.until(placed.body.id, 'settled', 'refused');
    expect(refused).toMatchObject({
      status: 'refused',
      attempts: 0,
      reason: { code: 'attestation-needed', nextStep: expect.stringContaining(where) },
    });
  });

  it('that a person gave is theirs', async () => {
    const given = {
      name: 'partner_on_record_attestation_accepted',
      structured_value: { attestation_accepted: true },
    };
    const wanted = quoting.purchase();
    const placed = await quoting.place({ ...wanted, parameters: [...wanted.parameters, given] });
    expect(await quoting.until(placed.body.id, 'settled', 'refused')).toMatchObject({ status: 'settled' });
  });
});

it('the catalogue is asked once for each purchase, whoever orders it, and not at all for a repetition', async () => {
  const requested = async (work: () => Promise<unknown>) => {
    const before = quoting.known.resolutions;
    await work();
    return quoting.known.resolutions - before;
  };
  const { tenantId, connectorId } = quoting;
  const orders = [quoting.purchase(1), quoting.purchase(2)] as unknown as RequestedOrderV1[];
  const question = { tenantId, connectorId, key: randomUUID(), requestedBy: 'work365', orders };
  const place = () => requestsTo(quoting.service).request(PlaceOrders, question);
  expect(await requested(place)).toBe(2);
  expect(await requested(place)).toBe(0);
  const [command, key] = [quoting.purchase(3), randomUUID()];
  expect(await requested(() => quoting.place(command, key))).toBe(1);
  expect(await requested(() => quoting.place(command, key))).toBe(0);
});
