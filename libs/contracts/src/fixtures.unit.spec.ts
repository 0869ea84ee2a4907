import { readdirSync, readFileSync } from 'node:fs';
import { ContractViolated, contractBySubject, decode, eventContracts } from './index.ts';

const folder = new URL('../fixtures/', import.meta.url);
const fixture = (subject: string) =>
  JSON.parse(readFileSync(new URL(`${subject}.json`, folder), 'utf8')) as object;
const subjects = eventContracts().map((contract) => contract.subject);

it('has a golden fixture of every version of every event, and none of an unknown one', () => {
  const files = readdirSync(folder).map((file) => file.replace(/\.json$/, ''));
  expect(files.toSorted()).toEqual(subjects.toSorted());
});

it.each(subjects)('%s: its fixture parses, for ever', (subject) => {
  expect(decode(contractBySubject(subject)!.type, fixture(subject))).toMatchObject(fixture(subject));
});

it.each(subjects)('%s: every field of its fixture is checked', (subject) => {
  const { type } = contractBySubject(subject)!;
  for (const field of Object.keys(fixture(subject))) {
    const broken = { ...fixture(subject), [field]: { not: 'right' } };
    expect(() => decode(type, broken)).toThrow(ContractViolated);
  }
});

it.each(subjects)('%s: a field that a later version may add is ignored', (subject) => {
  expect(() =>
    decode(contractBySubject(subject)!.type, { ...fixture(subject), addedLater: { deeply: [1] } }),
  ).not.toThrow();
});
