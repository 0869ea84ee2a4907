import { randomUUID } from 'node:crypto';
import { ReadAcceptedAgreement } from '@isthmus/contracts';
import { requestsTo } from '@isthmus/testing';
import { type RunningProvider, runRestProvider } from '../../test/rest-provider.fixture.ts';

let provider: RunningProvider;
beforeAll(async () => {
  provider = await runRestProvider();
});
afterAll(() => provider?.stop());

it('other services read the agreement that a client recorded last, of their own tenant only', async () => {
  const client = provider.client();
  const { tenantId, connectorId } = client;
  const { providerAccountId } = provider.world.account(tenantId, connectorId);
  const read = (more: object = {}) =>
    requestsTo(provider.service).request(ReadAcceptedAgreement, {
      ...{ tenantId, connectorId, providerAccountId },
      ...more,
    });
  expect(await read()).toEqual({});
  for (const [templateId, day, firstName] of [
    ['Old', '2026-10-01', 'John'],
    ['MicrosoftCustomerAgreement', '2026-11-05', 'Jane'],
  ])
    await client.call('POST', '/agreements', {
      customer: { id: providerAccountId },
      signedBy: { firstName, lastName: 'Doe', email: 'doe@fabrikam.example' },
      signedOn: `${day}T10:00:00Z`,
      templateId,
    });
  const agreement = {
    ...{ signedOn: '2026-11-05T10:00:00.000Z', firstName: 'Jane', lastName: 'Doe' },
    email: 'doe@fabrikam.example',
  };
  expect(await read()).toEqual({ agreement });
  for (const other of ['tenantId', 'connectorId', 'providerAccountId'])
    expect(await read({ [other]: randomUUID() })).toEqual({});
});
