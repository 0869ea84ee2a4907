import { auditedActions, watchAudit } from '@isthmus/testing';
import { type RunningProvider, runRestProvider } from '../../test/rest-provider.fixture.ts';
import { restProviderOptions } from '../rest-provider.options.ts';

let provider: RunningProvider;
beforeAll(async () => {
  provider = await runRestProvider();
});
afterAll(() => provider.stop());

it("has one entry of what is stored here, in the name of the API key; the rest is in the log of the data's owner", async () => {
  const client = provider.client({ label: 'Key of Ann' });
  const { tenantId, connectorId } = client;
  const log = watchAudit(async (sql, values) => (await provider.pool.query(sql, values)).rows, tenantId);
  const account = provider.world.account(tenantId, connectorId);
  const byKey = { subject: 'work365 Key of Ann', channel: 'api-key', role: null };

  const { body: agreement } = await client.call('POST', '/agreements', {
    customer: { id: account.providerAccountId },
    signedBy: { firstName: 'Jane', lastName: 'Doe', email: 'jane@fabrikam.example' },
    signedOn: '2026-11-05T10:00:00Z',
    templateId: 'MicrosoftCustomerAgreement',
  });
  const written = await log.written();
  expect(written).toMatchObject([
    {
      ...{ ...byKey, action: 'agreement.record', thing: `agreement ${agreement.id}`, before: null },
      after: { connectorId, customerId: account.providerAccountId, templateId: 'MicrosoftCustomerAgreement' },
    },
  ]);
  expect(JSON.stringify(written)).not.toMatch(/jane/i);

  const line = { vendor: 'ACRONIS', quantity: 3, unitCost: { amount: '1.70', currency: 'USD' } };
  provider.world.subscription(account, {
    lines: [
      { ...line, mpn: 'ONE', productId: 'PRD1', name: 'One' },
      { ...line, mpn: 'TWO', productId: 'PRD2', name: 'Two' },
    ],
  });
  const path = `/customers/${account.providerAccountId}/subscriptions`;
  const { body: lines } = await client.call('GET', path);
  const second = lines.find(({ partNumber }: { partNumber: string }) => partNumber.endsWith(':TWO'));
  const rename = (friendlyName: string) =>
    client.call('PATCH', '/subscriptions', { id: second.id, friendlyName });
  for (const name of ['Archive', 'Archive', 'Attic']) expect((await rename(name)).status).toBe(200);
  expect(await log.written()).toMatchObject([
    {
      ...{ ...byKey, action: 'subscription-line.rename', thing: `subscription-line ${second.id}` },
      ...{ before: { friendlyName: null }, after: { friendlyName: 'Archive' } },
    },
    { before: { friendlyName: 'Archive' }, after: { friendlyName: 'Attic' } },
  ]);
  expect(log.unseen(await auditedActions(restProviderOptions))).toEqual([]);

  const refused = await client.call('POST', '/agreements', { customer: { id: account.providerAccountId } });
  expect(refused.status).toBe(400);
  expect(await log.written()).toEqual([]);
});
