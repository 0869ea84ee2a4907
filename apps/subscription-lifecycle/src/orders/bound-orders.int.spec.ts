import { randomUUID } from 'node:crypto';
import { runQuoting } from '../../test/neighbours.fixture.ts';

let quoting: Awaited<ReturnType<typeof runQuoting>>;
beforeAll(async () => {
  quoting = await runQuoting();
});
afterAll(() => quoting?.stop());

const control = () => quoting.simulator.control;
const codeOf = ({ body }: { body: { type: string } }) => body.type.replace('urn:isthmus:problem:', '');

describe('an order bound to a quote', () => {
  it('is placed once, however often it is asked for', async () => {
    const wanted = quoting.purchase();
    const { body: quoted } = await quoting.quote(wanted);
    const key = randomUUID();
    const bound = { ...wanted, quoteId: quoted.id };
    const placed = await quoting.place(bound, key);
    expect(placed.status).toBe(202);
    expect((await quoting.place(bound, key)).body.id).toBe(placed.body.id);
    const again = await quoting.place(bound);
    expect([again.status, codeOf(again as never)]).toEqual([409, 'quote.used']);
    const settled = await quoting.until(placed.body.id, 'settled', 'refused');
    expect(settled).toMatchObject({
      status: 'settled',
      consent: { highestTotal: quoted.total, extraProducts: [] },
    });
  });

  it('is one, when many are asked for at the same time', async () => {
    const wanted = quoting.purchase();
    const { body: quoted } = await quoting.quote(wanted);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => quoting.place({ ...wanted, quoteId: quoted.id })),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      202,
      ...Array<number>(9).fill(409),
    ]);
    const { rows } = await quoting.pool.query('select id from orders where quote_id = $1', [quoted.id]);
    expect(rows).toHaveLength(1);
  });

  it.each([
    ['more seats', { kind: 'change-quantity', seats: 12 }, 'settled'],
    ['fewer seats, which gives money back', { kind: 'change-quantity', seats: 7 }, 'settled'],
    ['seats for the renewal', { kind: 'change-quantity', seats: 7, when: 'renewal' }, 'scheduled'],
    ['a renewal setting', { kind: 'renewal-setting', autoRenew: false }, 'settled'],
    ['a cancellation', { kind: 'cancel' }, 'settled'],
  ])('of %s goes its way at the price quoted', async (_, change, end) => {
    const command = { ...change, subscriptionId: await quoting.bought(10) };
    const { body: quoted } = await quoting.quote(command);
    expect(quoted.refused).toBeNull();
    const placed = await quoting.place({ ...command, quoteId: quoted.id });
    const order = await quoting.until(placed.body.id, 'settled', 'scheduled', 'refused');
    expect([order.status, order.reason]).toEqual([end, null]);
    const costs = change.kind === 'change-quantity';
    expect(order.consent.highestTotal).toEqual(costs ? quoted.total : null);
  });

  it('has to be what was quoted, and says every difference', async () => {
    const wanted = quoting.purchase();
    const { body: quoted } = await quoting.quote(wanted);
    const parameters = [{ name: 'microsoft_domain', value: 'other.onmicrosoft.com' }];
    const other = await quoting.place({ ...wanted, seats: 6, parameters, quoteId: quoted.id });
    expect(codeOf(other as never)).toBe('order.differs-from-quote');
    expect(other.body.errors).toMatchObject([
      { field: 'seats', message: 'was quoted as 5, not 6' },
      { field: 'parameters.microsoft_domain' },
    ]);
  });

  it('comes in time, of its tenant, of a quote that is none of a refusal, and without consent beside it', async () => {
    const wanted = quoting.purchase();
    const { body: quoted } = await quoting.quote(wanted);
    const bound = { ...wanted, quoteId: quoted.id };
    const twice = await quoting.place({ ...bound, highestTotal: { amount: '1.00', currency: 'USD' } });
    expect([twice.status, twice.body.errors[0].field]).toEqual([400, 'quoteId']);
    await quoting.pool.query('update quotes set expires_at = now() where id = $1', [quoted.id]);
    expect((await quoting.place(bound)).status).toBe(410);
    expect((await quoting.place({ ...bound, quoteId: randomUUID() })).status).toBe(404);

    const away = {
      ...quoting.purchase(),
      parameters: [{ name: 'microsoft_domain', value: 'unknown2.onmicrosoft.com' }],
    };
    const { body: refused } = await quoting.quote(away);
    expect(codeOf((await quoting.place({ ...away, quoteId: refused.id })) as never)).toBe(
      'order.quote-refused',
    );
  });

  it('is refused before anything is sent when CMP asks for more, except within the tolerance agreed to', async () => {
    const wanted = [quoting.purchase(), quoting.purchase()];
    const quotes = [(await quoting.quote(wanted[0]!)).body, (await quoting.quote(wanted[1]!)).body];
    const dearer = async (priceCents: number) => control().patchProduct(quoting.product.id, { priceCents });
    await dearer(2222);
    try {
      await control().clearRequests();
      const strict = await quoting.place({ ...wanted[0]!, quoteId: quotes[0].id });
      const refused = await quoting.until(strict.body.id, 'settled', 'refused');
      expect(refused).toMatchObject({
        status: 'refused',
        reason: { code: 'price-above-tolerance' },
        attempts: 0,
      });
      const called = (await control().requests()).map(({ method, path }) => `${method} ${path}`);
      expect(called.filter((call) => call.startsWith('POST /orders'))).toEqual(['POST /orders/estimate']);
      const lenient = await quoting.place({ ...wanted[1]!, quoteId: quotes[1].id, priceTolerancePercent: 1 });
      expect(await quoting.until(lenient.body.id, 'settled', 'refused')).toMatchObject({
        status: 'settled',
      });
    } finally {
      await dearer(2200);
    }
  });

  it('takes the products along that the quote named, which nobody else gets unasked', async () => {
    const addOn = quoting.addOn(3);
    const unquoted = await quoting.place(addOn);
    expect(await quoting.until(unquoted.body.id, 'settled', 'refused')).toMatchObject({
      status: 'refused',
      reason: { code: 'consent-needed' },
      attempts: 0,
    });
    const { body: quoted } = await quoting.quote(addOn);
    const placed = await quoting.place({ ...addOn, quoteId: quoted.id });
    expect((await quoting.until(placed.body.id, 'settled', 'refused')).status).toBe('settled');
  });
});
