import { randomUUID } from 'node:crypto';
import type { ProviderAccountV1 } from '@isthmus/contracts';
import { eventually } from '@isthmus/testing';
import { FinishIntents } from '../jobs/finish-intents.job.ts';
import {
  codeOf,
  runRestProvider,
  type Answered,
  type Json,
  type RunningProvider,
  type Work365,
} from '../rest-provider.fixture.spec.ts';

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
  Object.assign(provider.world, { ordered: [], outcome: 'settled', mirrored: true, refusal: null });
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
    expect(await list()).toMatchObject([{ id, status: 1, quantity: 5 }]);
    expect((await buy()).body).toMatchObject({ id, status: 1 });
    expect(provider.world.ordered).toHaveLength(1);
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

it('knows a purchase by its own id and by that of its subscription', async () => {
  const { id } = (await buy()).body;
  const [listed] = await list();
  expect(listed.id).toBe(id);
  const { rows } = await provider.pool.query('select subscription_id from write_intents where id = $1', [id]);
  expect((await read(rows[0].subscription_id)).body).toEqual(listed);
  expect((await read(randomUUID())).status).toBe(404);
});
