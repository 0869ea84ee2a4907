import { readFileSync } from 'node:fs';
import { plainToInstance, Transform, Type } from 'class-transformer';
import { IsString, validateSync, ValidateNested } from 'class-validator';
import fc from 'fast-check';
import { conforms, conformsStrictly, instanceOf as decoded } from './decode.ts';
import { eventContract, eventContracts } from './index.ts';

const types = eventContracts().map(({ eventType }) => eventType);
const fixtureOf = (eventType: string) =>
  JSON.parse(readFileSync(new URL(`../fixtures/${eventType}.json`, import.meta.url), 'utf8')) as object;
const instanceOf = (eventType: string, payload: object) =>
  plainToInstance(eventContract(eventType)!.type, payload) as object;

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

it.each(types)('%s: its fixture conforms without class-validator being asked', (eventType) => {
  expect(conforms(instanceOf(eventType, fixtureOf(eventType)))).toBe(true);
});

it('agrees with class-validator about any payload with any value at any place', () => {
  const spoilt = fc.constantFrom(...types).chain((eventType) => {
    const payload = fixtureOf(eventType);
    const values = fc.oneof(fc.constant(undefined), fc.jsonValue(), fc.uuid(), fc.constant('active'));
    return fc.tuple(fc.constant(eventType), fc.constantFrom(...placesIn(payload).slice(1)), values);
  });
  let wrong = 0;
  fc.assert(
    fc.property(spoilt, ([eventType, place, value]) => {
      const payload = withValue(fixtureOf(eventType), place, value);
      const faults = validateSync(instanceOf(eventType, payload), { forbidUnknownValues: false });
      wrong += faults.length > 0 ? 1 : 0;
      expect(conforms(instanceOf(eventType, payload))).toBe(faults.length === 0);
    }),
    { numRuns: 3_000 },
  );
  expect(wrong).toBeGreaterThan(500);
});

it('is strict about members that class-validator would reject, and about lists where one object is declared', () => {
  const extra = fc.constantFrom(...types).chain((eventType) => {
    const members = placesIn(fixtureOf(eventType))
      .slice(1)
      .filter((place) => !Number.isInteger(Number(place.at(-1))));
    const name = fc.constantFrom('more', 'name', 'status', 'lines');
    return fc.tuple(fc.constant(eventType), fc.constantFrom(...members), name, fc.jsonValue());
  });
  const options = { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true };
  let rejected = 0;
  fc.assert(
    fc.property(extra, ([eventType, place, name, value]) => {
      const payload = withValue(fixtureOf(eventType), [...place.slice(0, -1), name], value);
      const faults = validateSync(instanceOf(eventType, payload), options);
      rejected += faults.length > 0 ? 1 : 0;
      expect(conformsStrictly(instanceOf(eventType, payload))).toBe(faults.length === 0);
    }),
    { numRuns: 1_000 },
  );
  expect(rejected).toBeGreaterThan(200);
});

class Item {
  @IsString() text!: string;
}
class Lists {
  @ValidateNested() @Type(() => Item) one!: Item;
  @ValidateNested({ each: true }) @Type(() => Item) many!: Item[];
}

it.each([
  [{ one: { text: 'a' }, many: [{ text: 'b' }] }, true],
  [{ one: [{ text: 'a' }], many: [{ text: 'b' }] }, false],
  [{ one: { text: 'a' }, many: [[{ text: 'b' }]] }, false],
  [{ one: { text: 'a' }, many: [{ text: 'b', more: 1 }] }, false],
])('%j: %s', (payload, strict) => {
  expect(conformsStrictly(decoded(Lists, payload))).toBe(strict);
});

it('creates the same objects as class-transformer from any payload with any member at any place', () => {
  const members = fc.oneof(fc.constant(undefined), fc.jsonValue());
  const names = fc.oneof(fc.string(), fc.constantFrom('toString', 'hasOwnProperty', '__proto__', 'valueOf'));
  const payloads = fc.constantFrom(...types).chain((eventType) => {
    const payload = fixtureOf(eventType);
    const place = fc.constantFrom(...placesIn(payload).slice(1));
    return fc.tuple(fc.constant(eventType), place, members, names, members);
  });
  let nested = 0;
  fc.assert(
    fc.property(payloads, ([eventType, place, value, name, more]) => {
      const spoilt = { ...withValue(fixtureOf(eventType), place, value), [name]: more };
      const payload = JSON.parse(JSON.stringify(spoilt)) as object;
      const [ours, theirs] = [
        decoded(eventContract(eventType)!.type, payload),
        instanceOf(eventType, payload),
      ];
      expect(ours).toStrictEqual(theirs);
      nested += Object.values(ours).some((member) => isOfClass(member)) ? 1 : 0;
    }),
    { numRuns: 1_000 },
  );
  expect(nested).toBeGreaterThan(100);
});

const isOfClass = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && ![Object, Array].includes(value.constructor as never);

it('leaves a class with other decorators than @Type to class-transformer', () => {
  class Shouting {
    @IsString() @Transform(({ value }: { value: string }) => value.toUpperCase()) text!: string;
  }
  expect(decoded(Shouting, { text: 'seats' })).toStrictEqual(
    Object.assign(new Shouting(), { text: 'SEATS' }),
  );
});
