import { IsUUID } from 'class-validator';
import { InvalidContract, ContractViolated } from './contract.ts';
import { decode, Event, ProviderSubscriptionAppearedV1, ServiceRequest, SyncRunStartedV1 } from './index.ts';

const declared = { producer: 'account-sync', aggregate: 'thing', summary: 'A thing.' } as const;

it.each([
  ['an imperative', 'account-sync.close.v1'],
  ['another producer', 'product-catalog.thing-appeared.v1'],
  ['no version', 'account-sync.thing-appeared'],
])('refuses a type with %s', (_, eventType) => {
  expect(() => Event({ ...declared, eventType })(class {})).toThrow(InvalidContract);
});

it.each([
  ['no prefix', 'account-sync.read-thing'],
  ['another service', 'rpc.product-catalog.read-thing'],
  ['a version', 'rpc.account-sync.read-thing.v1'],
])('refuses a request whose subject has %s', (_, subject) => {
  class Read {
    static readonly response = class {};
  }
  const declare = () => ServiceRequest({ subject, service: 'account-sync', summary: 'Reads.' })(Read);
  expect(declare).toThrow(InvalidContract);
});

it('refuses a second class for one type', () => {
  const eventType = 'account-sync.sync-run-started.v1';
  expect(() => Event({ ...declared, eventType })(class {})).toThrow('belongs to SyncRunStartedV1');
});

it('names every field that is wrong, also within lists', () => {
  const wrong = {
    connectorId: 'x',
    lines: [{ mpn: 'A', vendor: 'B', productId: 'C', name: 'D', quantity: 'many' }],
  };
  const error = (() => {
    try {
      return decode(ProviderSubscriptionAppearedV1, wrong);
    } catch (caught) {
      return caught;
    }
  })();
  expect(error).toBeInstanceOf(ContractViolated);
  expect((error as ContractViolated).violations.join()).toMatch(
    /connectorId must be a UUID.*lines\.0: quantity must be a number/s,
  );
});

it.each([[null], ['text'], [[]], [42]])('refuses %p, which is no object', (payload) => {
  expect(() => decode(SyncRunStartedV1, payload)).toThrow('it is not an object');
});

it('says of a class without a contract that it has none', () => {
  class Stray {
    @IsUUID() id!: string;
  }
  expect(() => decode(Stray, {})).toThrow(/Stray violates its contract/);
});
