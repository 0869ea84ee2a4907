import { randomUUID } from 'node:crypto';
import type { ProviderAccountV1 } from '@isthmus/contracts';
import { eventually } from '@isthmus/testing';
import {
  type Answered,
  codeOf,
  type Json,
  type RunningProvider,
  runRestProvider,
  type Work365,
} from '../../test/rest-provider.fixture.ts';
import { FinishIntents } from '../write-intents/finish-intents.worker.ts';

let provider: RunningProvider;
let client: Work365;
let account: ProviderAccountV1;
beforeAll(async () => {
  provider = await runRestProvider();
});
afterAll(() => provider?.stop());
beforeEach(() => {
  client = provider.client();
  account = provider.world.account(client.tenantId, client.connectorId, {
    customDomain: 'fabrikam.onmicrosoft.com',
  });
  Object.assign(provider.world, { ordered: [], outcome: 'settled', mirrored: true, refusal: null, sold: [] });
  provider.world.aliases.clear();
});

const nce = 'INGRAM:MICROSOFT:CFQ7TTC0LH16:0001';
const purchase = (more: object = {}) => ({
  partNumber: nce,
  quantity: 5,
  provisioningFrequency: 1,
  customer: { id: account.providerAccountId },
  ...more,
});
const buy = (more: object = {}) => client.call('POST', '/subscriptions', purchase(more));
const five = (send: () => Promise<Answered>) => Promise.all(Array.from({ length: 5 }, send));
const list = async (): Promise<Json[]> =>
  (await client.call('GET', `/customers/${account.providerAccountId}/subscriptions`)).body;
const read = (id: string) =>
  client.call('GET', `/customers/${account.providerAccountId}/subscriptions/${id}`);
/** Ends what was left running. */
const end = (outcome: 'settled' | 'refused') => {
  const { world } = provider;
  const running = [...world.states.values()].find((state) => state.outcome === 'running')!;
  world.end(running, world.ordered.at(-1)!, outcome);
};
const bodies = (answers: Answered[]) => new Set(answers.map(({ text }) => text));
describe('a purchase', () => {
  it('sent 5 times at once and again later is one subscription with one id', async () => {
    const answers = [...(await five(buy)), await buy(), await buy({ partNumber: nce.toLowerCase() })];
    expect(answers.map(({ status }) => status)).toEqual(Array(7).fill(200));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers[0]!.body).toMatchObject({ quantity: 5, status: 1, partNumber: nce });
    expect(provider.world.ordered).toEqual([
      {
        kind: 'create',
        providerAccountId: account.providerAccountId,
        partNumber: nce,
        billingPeriod: 'P1M',
        term: 'P1Y',
        seats: 5,
        microsoftTenant: { domain: 'fabrikam.onmicrosoft.com', exists: false },
      },
    ]);
    expect(await list()).toMatchObject([{ id: answers[0]!.body.id, quantity: 5 }]);
  });

  it.each([
    ['another quantity', { quantity: 6 }],
    ['another friendly name', { friendlyName: 'Second team' }],
    ['another billing cycle', { provisioningFrequency: 2 }],
    ['an id of the client', { id: 'LCL-7' }],
  ])('with %s is a second one', async (_, more) => {
    const [first, second] = [await buy(), await buy(more)];
    expect(second.body.id).not.toBe(first.body.id);
    expect(provider.world.ordered).toHaveLength(2);
  });

  it('under an id of the client is one however late it comes, and no other', async () => {
    const first = await buy({ id: 'LCL-8' });
    await provider.pool.query(`update write_intents set finished_at = now() - interval '60 days'`);
    expect((await buy({ id: 'LCL-8' })).body.id).toBe(first.body.id);
    const other = await buy({ id: 'LCL-8', quantity: 9 });
    expect([other.status, codeOf(other)]).toEqual([409, 'subscription.id-names-another']);
    expect(provider.world.ordered).toHaveLength(1);
  });

  it('is a new one after the window; of a cancelled one it is a late try until then', async () => {
    const windowIsOver = () =>
      provider.pool.query(`update write_intents set finished_at = finished_at - interval '25 hours'`);
    const first = await buy();
    await windowIsOver();
    const second = await buy();
    expect(second.body.id).not.toBe(first.body.id);
    await client.call('DELETE', `/subscriptions/${second.body.id}/cancel`);
    const late = await buy();
    expect([late.status, codeOf(late)]).toEqual([409, 'subscription.late-repetition']);
    expect(late.body.nextStep).toMatch(/another friendly name/);
    await windowIsOver();
    expect((await buy()).body).toMatchObject({ status: 1 });
    expect(provider.world.ordered.map(({ kind }) => kind)).toEqual(['create', 'create', 'cancel', 'create']);
  });

  it('that CMP is slow with is answered as ordered and not active; its answer changes when CMP has it', async () => {
    provider.world.outcome = 'running';
    const answers = await five(buy);
    expect(bodies(answers).size).toBe(1);
    const { id } = answers[0]!.body;
    expect(answers[0]!.body).toMatchObject({ quantity: 5, status: 2, startDate: null });
    expect(await list()).toMatchObject([{ id, status: 2, quantity: 5 }]);
    const early = await client.call('PATCH', '/subscriptions', { id, quantity: 6 });
    expect([early.status, codeOf(early)]).toEqual([409, 'subscription.not-there-yet']);
    provider.world.mirrored = false;
    end('settled');
    expect(await list()).toMatchObject([{ id, status: 2, quantity: 5 }]);
    expect((await buy()).body).toMatchObject({ id, status: 2 });
    expect(provider.world.ordered).toHaveLength(1);
  });

  describe('of a subscription that was transferred to another customer since', () => {
    const move = (subscriptionId: string) => {
      const other = provider.world.account(client.tenantId, client.connectorId, { cmpAccountId: '2000' });
      const { providerAccountId, cmpAccountId } = other;
      const moved = provider.world.subscriptions.find((one) => one.subscriptionId === subscriptionId)!;
      Object.assign(moved, { providerAccountId, cmpAccountId });
      return other;
    };
    const buyAndMove = async (more: object = {}) => {
      const { id } = (await buy(more)).body;
      const { rows } = await provider.pool.query('select subscription_id from write_intents where id = $1', [
        id,
      ]);
      const subscriptionId: string = rows[0].subscription_id;
      return { id, subscriptionId, other: move(subscriptionId) };
    };

    it('is shown under the new customer alone, by the id it was bought under, and can be changed there', async () => {
      const { id, subscriptionId, other } = await buyAndMove();
      const path = `/customers/${other.providerAccountId}/subscriptions`;
      expect(await list()).toEqual([]);
      expect((await client.call('GET', path)).body).toMatchObject([
        { id, quantity: 5, customer: { id: other.providerAccountId } },
      ]);
      expect((await read(id)).status).toBe(404);
      expect((await client.call('GET', `${path}/${id}`)).body).toMatchObject({ id, quantity: 5 });
      const changed = await client.call('PATCH', '/subscriptions', { id, quantity: 8 });
      expect(changed).toMatchObject({
        status: 200,
        body: { id, quantity: 8, customer: { id: other.providerAccountId } },
      });
      expect(provider.world.ordered.at(-1)).toMatchObject({ subscriptionId, seats: 8 });
      expect(await list()).toEqual([]);
    });

    it.each([
      ['without an id', {}],
      ['under its own id', { id: 'LCL-9' }],
    ])('is not the answer to an equal purchase of the old customer, %s', async (_, more) => {
      const { id } = await buyAndMove(more);
      const again = await buy(more);
      expect([again.status, codeOf(again)]).toEqual([409, 'subscription.late-repetition']);
      expect(again.body.detail).toContain(`Subscription Id ${id}, which now belongs to another customer`);
      expect((await buy({ ...more, id: 'LCL-10', friendlyName: 'Anew' })).status).toBe(200);
      expect(await list()).toMatchObject([{ friendlyName: 'Anew' }]);
    });
  });

  it('that CMP refuses later is gone, says why, and may be tried again', async () => {
    provider.world.outcome = 'running';
    const { id } = (await buy()).body;
    end('refused');
    const gone = await read(id);
    expect([gone.status, codeOf(gone)]).toEqual([404, 'subscription.purchase-refused']);
    expect(gone.body).toMatchObject({
      detail: expect.stringContaining('CMP says no.'),
      nextStep: 'Ask CMP.',
    });
    expect(await list()).toEqual([]);
    provider.world.outcome = 'settled';
    const again = await buy();
    expect(again.status).toBe(200);
    expect(again.body.id).not.toBe(id);
  });

  it('that is refused at once leaves nothing behind', async () => {
    provider.world.refusal = {
      code: 'order.part-number-not-resolved',
      message: 'Several products fit.',
      nextStep: 'Map it.',
    };
    const answers = await five(buy);
    for (const answer of answers)
      expect([answer.status, codeOf(answer), answer.body.nextStep]).toEqual([
        422,
        'order.part-number-not-resolved',
        'Map it.',
      ]);
    expect(await list()).toEqual([]);
    expect(provider.world.ordered).toEqual([]);
  });

  it('hands its friendly name and auto-renew over once the subscription is known', async () => {
    provider.world.mirrored = false;
    const { id } = (await buy({ friendlyName: 'Sales', autoRenew: false })).body;
    const round = () => provider.service.get(FinishIntents).once();
    await round();
    expect(provider.world.subscriptions.some(({ friendlyName }) => friendlyName === 'Sales')).toBe(false);
    provider.world.mirrored = true;
    const [state] = [...provider.world.states.values()].slice(-1);
    provider.world.end(state!, provider.world.ordered.at(-1)!, 'settled');
    await eventually(async () => {
      await round();
      await round();
      return (await read(id)).body.autoRenew === false;
    });
    expect((await read(id)).body).toMatchObject({ id, friendlyName: 'Sales', status: 1 });
    expect(provider.world.ordered.map(({ kind }) => kind)).toEqual(['create', 'renewal-setting']);
  });

  it('for a new tenant tells who accepted the agreement', async () => {
    const recorded = await client.call('POST', '/agreements', {
      customer: { id: account.providerAccountId },
      signedBy: { firstName: 'Jane', lastName: 'Doe', email: 'jane@fabrikam.example' },
      signedOn: '2026-11-05T10:00:00Z',
      templateId: 'MicrosoftCustomerAgreement',
    });
    expect(recorded.body).toMatchObject({
      customer: { name: 'Fabrikam' },
      signedOn: '2026-11-05T10:00:00.000Z',
    });
    const path = `/customers/${account.providerAccountId}/agreements`;
    expect((await client.call('GET', path)).body).toEqual([recorded.body]);
    await buy();
    expect(provider.world.ordered[0]!.microsoftTenant).toEqual({
      domain: 'fabrikam.onmicrosoft.com',
      exists: false,
      agreement: {
        signedOn: '2026-11-05T10:00:00.000Z',
        firstName: 'Jane',
        lastName: 'Doe',
        email: 'jane@fabrikam.example',
      },
    });
  });
});

describe('a part number sold in several terms', () => {
  const ways = [
    ['P1M', 'P1M'],
    ['P1M', 'P1Y'],
    ['P1Y', 'P1Y'],
    ['P1M', 'P3Y'],
    ['P3Y', 'P3Y'],
  ] as const;
  const alias = `${nce}:P3Y:P1M`;
  beforeEach(() => {
    provider.world.sold = ways.map(([billing, term]) => [billing, term]);
    provider.world.aliases.set(alias, ['P1M', 'P3Y']);
  });
  const setting = (termOfFrequency: object) => {
    client = provider.client({ termOfFrequency });
    account = provider.world.account(client.tenantId, client.connectorId);
  };
  const ordered = () => provider.world.ordered.map(({ billingPeriod, term }) => `${billingPeriod} ${term}`);

  it('is refused unless something says the term, naming the setting that would', async () => {
    const refused = await buy();
    expect([refused.status, codeOf(refused)]).toEqual([422, 'order.part-number-not-resolved']);
    expect(refused.body.detail).toContain(
      'sold in 3 ways, and the request does not specify a term: term P1M billed every P1M, term P1Y billed every P1M, term P3Y billed every P1M',
    );
    expect(refused.body.nextStep).toContain('termOfFrequency.monthly of the connector');
    const silent = await buy({ provisioningFrequency: undefined });
    expect(silent.body).toMatchObject({
      detail: expect.stringContaining('sold in 5 ways'),
      nextStep: expect.stringContaining('termOfFrequency of the connector'),
    });
    expect(provider.world.ordered).toEqual([]);
    expect(await list()).toEqual([]);
  });

  it('is bought in the term that the frequency stands for', async () => {
    setting({ monthly: 'P1Y', annual: 'P1Y', triennial: 'P3Y' });
    for (const provisioningFrequency of ['Monthly', 2, '5']) {
      expect((await buy({ provisioningFrequency })).status).toBe(200);
      expect((await buy({ provisioningFrequency })).status).toBe(200);
    }
    expect(ordered()).toEqual(['P1M P1Y', 'P1Y P1Y', 'P3Y P3Y']);
    expect(provider.world.ordered.map(({ partNumber }) => partNumber)).toEqual([nce, nce, nce]);
  });

  it('is refused when the setting does not fit, or is there for another frequency only', async () => {
    setting({ monthly: 'P5Y', annual: 'P1M' });
    const misfit = await buy();
    expect(misfit.body.detail).toContain('termOfFrequency.monthly of the connector is P5Y');
    provider.world.sold.push(['P1Y', 'P3Y']);
    expect((await buy({ provisioningFrequency: 2 })).body.detail).toContain('termOfFrequency.annual');
    setting({ annual: 'P1Y' });
    expect((await buy()).body.nextStep).toContain('termOfFrequency.monthly');
    expect(provider.world.ordered).toEqual([]);
  });

  it('is refused where the frequency leaves another term than the one it stands for', async () => {
    setting({ annual: 'P3Y', triennial: 'P1Y' });
    for (const [provisioningFrequency, name, left, says] of [
      [2, 'annual', 'P1Y', 'P3Y'],
      ['Triennial', 'triennial', 'P3Y', 'P1Y'],
    ] as const) {
      const refused = await buy({ provisioningFrequency });
      expect([refused.status, codeOf(refused)]).toEqual([422, 'order.term-differs']);
      expect(refused.body.detail).toContain(
        `a term of ${left} only, but termOfFrequency.${name} of the connector is ${says}`,
      );
    }
    expect(provider.world.ordered).toEqual([]);
    // The same length in other words is the same; what is sold in one way only is that, whatever the setting says.
    setting({ annual: 'P12M', monthly: 'P3Y' });
    provider.world.sold = [['P1M', 'P1Y']];
    expect((await buy({ provisioningFrequency: 1 })).status).toBe(200);
    expect(ordered()).toEqual(['P1M P1Y']);
  });

  it('has aliases that win over the setting, and that the frequency has to agree with', async () => {
    setting({ monthly: 'P1M', annual: 'P1Y' });
    const bought = await buy({ partNumber: alias });
    expect(bought.body).toMatchObject({ partNumber: alias, status: 1 });
    expect((await buy({ partNumber: alias, provisioningFrequency: null })).status).toBe(200);
    expect(ordered()).toEqual(['P1M P3Y', 'P1M P3Y']);
    for (const [provisioningFrequency, word] of [
      [2, 'Annual (P1Y)'],
      ['Triennial', 'Triennial (P3Y)'],
    ] as const) {
      const refused = await buy({ partNumber: alias, provisioningFrequency });
      expect([refused.status, codeOf(refused)]).toEqual([422, 'order.term-differs']);
      expect(refused.body.detail).toContain(
        `${alias} is Business Basic, billed every P1M with a term of P3Y, but provisioningFrequency is ${word}`,
      );
    }
    expect(provider.world.ordered).toHaveLength(2);
  });

  it('is ordered again as it was the first time, whatever has become of setting and aliases since', async () => {
    setting({ monthly: 'P1Y' });
    provider.world.refusal = { code: 'request.failed', message: 'Something broke.', nextStep: 'Again.' };
    expect((await buy()).status).toBeGreaterThanOrEqual(500);
    const { rows } = await provider.pool.query(
      `select orders from write_intents where tenant_id = $1 and status = 'open'`,
      [client.tenantId],
    );
    expect(rows).toMatchObject([{ orders: [{ partNumber: nce, term: 'P1Y' }] }]);
    provider.world.keys.forEach((holder) => Object.assign(holder, { termOfFrequency: { monthly: 'P3Y' } }));
    provider.world.refusal = null;
    expect((await buy()).status).toBe(200);
    expect(ordered()).toEqual(['P1M P1Y']);
  });
});

describe('the part number of a subscription', () => {
  const path = () => `/customers/${account.providerAccountId}/subscriptions`;

  it('is what it was bought by, until something else is there', async () => {
    const { id } = (await buy({ partNumber: nce.toLowerCase() })).body;
    expect((await read(id)).body.partNumber).toBe(`INGRAM:${nce.toLowerCase().slice(7)}`);
    const [subscription] = provider.world.subscriptions.slice(-1);
    // A full upgrade: the same subscription, another product.
    Object.assign(subscription!.lines[0]!, { mpn: 'CFQ7TTC0LCHC:0002', name: 'Business Premium' });
    const now = 'INGRAM:MICROSOFT:CFQ7TTC0LCHC:0002';
    expect((await read(id)).body.partNumber).toBe(now);
    expect((await list())[0].partNumber).toBe(now);
    expect((await client.call('PATCH', '/subscriptions', { id, quantity: 6 })).body.partNumber).toBe(now);
    expect((await buy({ partNumber: nce.toLowerCase() })).body).toMatchObject({ id, partNumber: now });
    subscription!.lines = [];
    expect((await read(id)).body.partNumber).toBe(`INGRAM:${nce.toLowerCase().slice(7)}`);
  });

  it('is its alias, asked for once for however many subscriptions', async () => {
    provider.world.aliases.set(`${nce}:P1Y:P1M`, ['P1M', 'P1Y']);
    for (let n = 0; n < 30; n++) provider.world.subscription(account, n % 2 ? { term: 'P1M' } : {});
    provider.world.subscription(account, { term: 'P0Y' });
    provider.world.named = [];
    const { body } = await client.call('GET', path());
    expect(provider.world.named.map((products) => products.length)).toEqual([3]);
    expect(body.map(({ partNumber }: Json) => partNumber)).toEqual([
      ...Array.from({ length: 30 }, (_, n) => (n % 2 ? nce : `${nce}:P1Y:P1M`)),
      nce,
    ]);
  });
});

it('knows a purchase by its own id and by that of its subscription', async () => {
  const { id } = (await buy()).body;
  const [listed] = await list();
  expect(listed.id).toBe(id);
  const { rows } = await provider.pool.query('select subscription_id from write_intents where id = $1', [id]);
  expect((await read(rows[0].subscription_id)).body).toEqual(listed);
  expect((await read(randomUUID())).status).toBe(404);
});
