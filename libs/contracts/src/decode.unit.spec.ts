import { readFileSync } from 'node:fs';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import fc from 'fast-check';
import { conforms } from './decode.ts';
import { contractBySubject, eventContracts } from './index.ts';

const subjects = eventContracts().map(({ subject }) => subject);
const fixtureOf = (subject: string) =>
  JSON.parse(readFileSync(new URL(`../fixtures/${subject}.json`, import.meta.url), 'utf8')) as object;
const instanceOf = (subject: string, payload: object) =>
  plainToInstance(contractBySubject(subject)!.type, payload) as object;

/** Every place in a payload, as the members that lead there. */
function placesIn(value: unknown, place: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [place];
  return [place, ...Object.entries(value).flatMap(([name, member]) => placesIn(member, [...place, name]))];
}

type Members = Record<string, unknown>;

function withValue(payload: object, place: string[], value: unknown): object {
  const copy = structuredClone(payload) as Members;
  const parent = place.slice(0, -1).reduce((members, name) => members[name] as Members, copy);
  if (value === undefined) delete parent[place.at(-1)!];
  else parent[place.at(-1)!] = value;
  return copy;
}

it.each(subjects)('%s: its fixture conforms without class-validator being asked', (subject) => {
  expect(conforms(instanceOf(subject, fixtureOf(subject)))).toBe(true);
});

it('agrees with class-validator about any payload with any value at any place', () => {
  const spoilt = fc.constantFrom(...subjects).chain((subject) => {
    const payload = fixtureOf(subject);
    const values = fc.oneof(fc.constant(undefined), fc.jsonValue(), fc.uuid(), fc.constant('active'));
    return fc.tuple(fc.constant(subject), fc.constantFrom(...placesIn(payload).slice(1)), values);
  });
  let wrong = 0;
  fc.assert(
    fc.property(spoilt, ([subject, place, value]) => {
      const payload = withValue(fixtureOf(subject), place, value);
      const faults = validateSync(instanceOf(subject, payload), { forbidUnknownValues: false });
      wrong += faults.length > 0 ? 1 : 0;
      expect(conforms(instanceOf(subject, payload))).toBe(faults.length === 0);
    }),
    { numRuns: 3_000 },
  );
  expect(wrong).toBeGreaterThan(500);
});
