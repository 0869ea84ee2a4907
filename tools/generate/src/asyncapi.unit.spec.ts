import { Parser } from '@asyncapi/parser';
import { eventContracts, eventSubjects } from '@isthmus/contracts';
import { asyncApi, asyncApiDocument } from './asyncapi.mjs';

it('is a valid AsyncAPI 3.0 document', async () => {
  const { document, diagnostics } = await new Parser().parse((await asyncApi())['asyncapi.yaml']);
  // Severity 0 is an error; the rest is advice, such as to name servers, which every installation has its own of.
  expect(diagnostics.filter(({ severity }) => severity === 0)).toEqual([]);
  expect(document?.version()).toBe('3.0.0');
});

it('has a channel for every event, at its subject', () => {
  const addresses = Object.values(asyncApiDocument().channels).map(({ address }) => address);
  expect(addresses).toEqual(
    expect.arrayContaining(eventContracts().map((contract) => eventSubjects(contract, '{tenant}'))),
  );
});

it('describes what is nested, and what may be null but has to be there', () => {
  const { schemas } = asyncApiDocument().components;
  expect(schemas.ConnectorCallLimitV1).toMatchObject({
    properties: { perMinute: { type: ['integer', 'null'], minimum: 1 } },
    required: ['perDay', 'perMinute'],
  });
  expect(schemas.ProviderSubscriptionAppearedV1).toMatchObject({
    properties: { lines: { items: { $ref: '#/components/schemas/SubscriptionLineV1' } } },
  });
  expect(schemas.SyncRunFinishedV1).toMatchObject({
    properties: { counts: { type: 'object', additionalProperties: { type: 'number' } } },
  });
});
