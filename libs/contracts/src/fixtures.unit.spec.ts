import { readdirSync, readFileSync } from 'node:fs';
import { ContractViolated, eventContract, decode, eventContracts } from './index.ts';

const folder = new URL('../fixtures/', import.meta.url);
const fixture = (eventType: string) =>
  JSON.parse(readFileSync(new URL(`${eventType}.json`, folder), 'utf8')) as object;
const types = eventContracts().map((contract) => contract.eventType);

it('has a golden fixture of every version of every event, and none of an unknown one', () => {
  const files = readdirSync(folder).map((file) => file.replace(/\.json$/, ''));
  expect(files.toSorted()).toEqual(types.toSorted());
});

it.each(types)('%s: its fixture parses, for ever', (eventType) => {
  expect(decode(eventContract(eventType)!.type, fixture(eventType))).toMatchObject(fixture(eventType));
});

it.each(types)('%s: every field of its fixture is checked', (eventType) => {
  const { type } = eventContract(eventType)!;
  for (const field of Object.keys(fixture(eventType))) {
    const broken = { ...fixture(eventType), [field]: { not: 'right' } };
    expect(() => decode(type, broken)).toThrow(ContractViolated);
  }
});

it.each(types)('%s: a field that a later version may add is ignored', (eventType) => {
  expect(() =>
    decode(eventContract(eventType)!.type, { ...fixture(eventType), addedLater: { deeply: [1] } }),
  ).not.toThrow();
});
