import { randomUUID } from 'node:crypto';
import { CallBudget, CmpClient } from '@isthmus/cmp-client';
import { defaultAccounts, startSimulator, type RunningSimulator } from '@isthmus/cmp-simulator';
import type { CreateProviderAccount } from '@isthmus/contracts';
import { AccountCreations } from './account-creations.store.ts';
import { runAccountSync, type RunningAccountSync } from '../../test/account-sync.fixture.ts';
import { createAtCmp } from './account-creation.ts';

let simulator: RunningSimulator;
let api: RunningAccountSync;
let creations: AccountCreations;
let cmp: CmpClient;
beforeAll(async () => {
  simulator = await startSimulator({ limits: { perMinute: null, perDay: null } });
  api = await runAccountSync();
  creations = new AccountCreations(api.pool);
  const connection = { connectorId: randomUUID(), apiUrl: simulator.apiUrl, ...defaultAccounts[0]! };
  cmp = new CmpClient(connection, { budget: CallBudget.unlimited() });
});
afterAll(async () => {
  await api?.stop();
  await simulator?.close();
});
beforeEach(() => simulator.control.clearFaults());

let numbers = 0;
const wanted = (more: object = {}): CreateProviderAccount => ({
  tenantId: api.tenantId,
  connectorId: randomUUID(),
  key: randomUUID(),
  name: `Contoso ${(numbers += 1)}`,
  address: { streetAddress: 'Main 1', postalCode: '92612', city: 'Irvine', state: 'CA', countryCode: 'US' },
  contact: {
    firstName: 'Jane',
    lastName: 'Doe',
    email: 'jane@contoso.example',
    phoneNumber: '+19495551234',
  },
  language: 'en_US',
  ...more,
});
/** As the answer does it: alone, and with what is stored of the key. */
const create = async (question: CreateProviderAccount, withinMs = 4_000) => {
  const deadline = new Date(Date.now() + withinMs);
  return creations.exclusively(question, deadline, async () => {
    const { sentAt } = await creations.begin(question);
    const customer = await createAtCmp(question, sentAt, { cmp, creations, deadline });
    const id = await creations.complete(question, customer, question.customDomain, new Date());
    return { id, customer };
  });
};
const atCmp = async ({ name }: CreateProviderAccount) => (await cmp.customers.page({ name })).total;
const post = { method: 'POST', path: '^/customers$' } as const;

it('makes a customer once for five equal questions, and puts it into the mirror with its domain', async () => {
  const question = wanted({ customDomain: 'contoso.onmicrosoft.com' });
  const made = await Promise.all(Array.from({ length: 5 }, () => create(question)));
  expect(new Set(made.map((one) => one!.customer.id)).size).toBe(1);
  expect(await atCmp(question)).toBe(1);
  const row = await api.one('select name, external_id, custom_domain from provider_accounts where id = $1', [
    made[0]!.id,
  ]);
  expect(row).toEqual({
    name: question.name,
    external_id: question.key,
    custom_domain: 'contoso.onmicrosoft.com',
  });
  const said = (await api.publishedEvents()).filter(({ data }) => data.providerAccountId === made[0]!.id);
  expect(said.map(({ subject, version }) => [subject.split('.')[1], version])).toEqual([
    ['provider-account-appeared', 1],
    ['provider-account-changed', 2],
  ]);
});

it.each(['answer-lost', 'error-after-accepting'] as const)(
  'finds what it made when CMP’s answer was %s',
  async (kind) => {
    const question = wanted();
    await simulator.control.fault({ kind, match: post, times: 1 } as never);
    expect((await create(question))!.customer.externalId).toBe(question.key);
    expect(await atCmp(question)).toBe(1);
  },
);

it('sends nothing again while an unanswered POST may still appear, and does afterwards', async () => {
  const question = wanted();
  await simulator.control.fault({ kind: 'html-504', match: post, times: 1 } as never);
  await expect(create(question, 2_500)).rejects.toMatchObject({ code: 'provider-account.creation-unclear' });
  const before = await atCmp(question);
  if (before === 0) {
    await expect(create(question)).rejects.toMatchObject({ code: 'provider-account.creation-unclear' });
    expect(await atCmp(question)).toBe(0);
    await api.pool.query(
      `update account_creations set sent_at = now() - interval '31 minutes' where key = $1`,
      [question.key],
    );
  }
  await create(question);
  expect(await atCmp(question)).toBe(1);
});

it('refuses what CMP refuses, in its words, and takes it when it is mended', async () => {
  const question = wanted();
  const { state: _, ...address } = question.address;
  await expect(create({ ...question, address: address as never })).rejects.toMatchObject({
    code: 'provider-account.refused-by-cmp',
    message: expect.stringContaining('address.state'),
  });
  expect((await create(question))!.customer.name).toBe(question.name);
});

it('makes no second customer of a name and e-mail address that CMP has', async () => {
  const question = wanted();
  await create(question);
  await expect(create({ ...question, key: randomUUID() })).rejects.toMatchObject({
    code: 'provider-account.name-taken',
  });
  expect(await atCmp(question)).toBe(1);
});
