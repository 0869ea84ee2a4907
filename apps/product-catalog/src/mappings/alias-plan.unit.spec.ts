import { PartNumber } from '@isthmus/domain';
import fc from 'fast-check';
import { aliasName, defaultAliasPattern, patternProblem, planAliases } from './alias-plan.ts';

const product = (more: object = {}) => ({
  productId: 'p1',
  cmpId: 'PRD1',
  vendor: 'MICROSOFT',
  mpn: 'CFQ7TTC0LFLZ:0002',
  name: 'E5',
  term: 'P1Y',
  billingPeriod: 'P1M',
  withdrawn: false,
  alias: null,
  subscriptions: 3,
  ...more,
});
const nameOf = (pattern: string, more: object = {}) => {
  const { partNumber, problem } = aliasName(pattern, product(more));
  return partNumber ? PartNumber.print(partNumber) : problem;
};

it('fills in what a pattern asks for, bare or in angle brackets', () => {
  expect(nameOf(defaultAliasPattern)).toBe('INGRAM:MICROSOFT:CFQ7TTC0LFLZ:0002:P1Y:P1M');
  expect(nameOf('INGRAM:<vendor>:<MPN>-<Term>/<billingPeriod>')).toBe(
    'INGRAM:MICROSOFT:CFQ7TTC0LFLZ:0002-P1Y/P1M',
  );
  expect(nameOf('INGRAM:vendor:mpn_<term>')).toBe('INGRAM:MICROSOFT:CFQ7TTC0LFLZ:0002_P1Y');
  // What is filled in is not read for placeholders again.
  expect(nameOf(defaultAliasPattern, { mpn: '<term> vendor $& mpn' })).toBe(
    'INGRAM:MICROSOFT:<term> vendor $& mpn:P1Y:P1M',
  );
});

it('says why there is no name', () => {
  expect(nameOf(defaultAliasPattern, { billingPeriod: null })).toMatch(/no billing period/);
  expect(nameOf('INGRAM:vendor:mpn', { term: null })).toBe('INGRAM:MICROSOFT:CFQ7TTC0LFLZ:0002');
  expect(nameOf('vendor:mpn:<term>')).toMatch(/does not start with INGRAM:/);
  expect(nameOf(defaultAliasPattern, { mpn: 'M'.repeat(250) })).toMatch(/longer than 255/);
});

it.each([
  [defaultAliasPattern, undefined],
  ['INGRAM:vendor:<sku>', '"<sku>"'],
  ['INGRAM:vendor:mpn:<term', '"<term"'],
  ['INGRAM:vendor:mpn>', '">"'],
])('reads the placeholders of %j', (pattern, strange) => {
  if (strange === undefined) expect(patternProblem(pattern)).toBeUndefined();
  else expect(patternProblem(pattern)).toContain(strange);
});

it('makes names that are read as they are printed, whatever colons vendors and mpns have', () => {
  const words = fc.string({ minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(words, words, (vendor, mpn) => {
      const { partNumber } = aliasName(defaultAliasPattern, product({ vendor, mpn }));
      fc.pre(partNumber !== null);
      const text = PartNumber.print(partNumber);
      expect(PartNumber.print(PartNumber.parse(text))).toBe(text);
      expect(PartNumber.key(PartNumber.parse(text))).toBe(PartNumber.key(partNumber));
    }),
  );
});

it('gives a name to one product only, and leaves aliases as they are', () => {
  const candidates = [
    product(),
    product({ productId: 'p2', cmpId: 'PRD2' }),
    product({ productId: 'p3', cmpId: 'PRD3', alias: 'INGRAM:A:B' }),
  ];
  const named = candidates.map((one) => aliasName(defaultAliasPattern, one));
  expect(planAliases(candidates, named, () => undefined)).toMatchObject([
    { outcome: 'refused', problem: expect.stringContaining('PRD2'), subscriptions: 0 },
    { outcome: 'refused', problem: expect.stringContaining('PRD1') },
    { outcome: 'already-aliased', partNumber: 'INGRAM:A:B', problem: null },
  ]);
});
