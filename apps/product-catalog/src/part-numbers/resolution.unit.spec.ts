import { PartNumber } from '@isthmus/domain';
import { type Candidate, mpnKeysOf, resolvePartNumber } from './resolution.ts';

let made = 0;
const product = (
  mpn: string,
  billingPeriod: string | null = 'P1M',
  term: string | null = 'P1Y',
  more = {},
) => ({
  id: `p${(made += 1)}`,
  vendor: 'Microsoft',
  mpn,
  billingPeriod,
  term,
  withdrawn: false,
  ...more,
});
const map = (productId: string | null, billingPeriod = '', term = '') => ({ productId, billingPeriod, term });
const answerTo = (
  mpn: string,
  found: Candidate[],
  facts: { billingPeriod?: string; term?: string } = {},
  mappings: ReturnType<typeof map>[] = [],
) => resolvePartNumber({ partNumber: PartNumber.of('MICROSOFT', mpn), ...facts }, found, mappings);

const guid = 'd903a2db-bf6f-4434-83f1-21ba44017813';
const nce = 'CFQ7TTC0LH16:0001';
const ways = [product(nce, 'P1M', 'P1M'), product(nce, 'P1M', 'P1Y'), product(nce, 'P1Y', 'P1Y')];

describe('the rule', () => {
  it('resolves an mpn that CMP has once, in any case', () => {
    const [one] = [product(nce.toLowerCase())];
    expect(answerTo(nce, [one!])).toMatchObject({
      outcome: 'resolved',
      product: one,
      by: 'rule',
      differs: [],
    });
  });

  it('takes the suffix for part of the mpn where CMP has it there', () => {
    const bare = product(guid, 'P1Y', 'P1Y');
    const annual = product(`${guid}_ANNUAL`, 'P1Y', 'P1Y');
    expect(answerTo(`${guid}_ANNUAL`, [bare, annual]).product).toBe(annual);
    expect(answerTo(guid, [bare]).product).toBe(bare);
  });

  it('takes the suffix for the billing period where CMP has it not', () => {
    const [monthly, annual] = [product(guid, 'P1M', 'P1Y'), product(guid, 'P12M', 'P1Y')];
    expect(answerTo(`${guid}_ANNUAL`, [monthly, annual]).product).toBe(annual);
    expect(answerTo(`${guid}_monthly`, [monthly, annual]).product).toBe(monthly);
  });

  it('does not let a suffix find a product of another billing period, but shows it', () => {
    const monthly = product(guid, 'P1M', 'P1Y');
    expect(answerTo(`${guid}_ANNUAL`, [monthly])).toMatchObject({
      outcome: 'unknown',
      candidates: [monthly],
    });
  });

  it('is ambiguous about an mpn sold in several ways until the facts that differ are given', () => {
    expect(answerTo(nce, ways)).toMatchObject({
      outcome: 'ambiguous',
      candidates: ways,
      deciding: ['billingPeriod', 'term'],
      reason: expect.stringContaining('3 combinations'),
    });
    expect(answerTo(nce, ways, { billingPeriod: 'P1M' })).toMatchObject({
      outcome: 'ambiguous',
      deciding: ['term'],
    });
    expect(answerTo(nce, ways, { billingPeriod: 'P1M', term: 'P1Y' }).product).toBe(ways[1]);
    expect(answerTo(nce, ways, { billingPeriod: 'P12M' }).product).toBe(ways[2]);
    expect(answerTo(nce, ways, { term: 'P1M' }).product).toBe(ways[0]);
  });

  it('says which fact speaks against every candidate', () => {
    expect(answerTo(nce, ways, { term: 'P3Y' })).toMatchObject({
      outcome: 'unknown',
      deciding: ['term'],
      candidates: ways,
    });
  });

  it('asks for a mapping when nothing a part number can say tells the candidates apart', () => {
    const twins = [product(nce), product(nce)];
    expect(answerTo(nce, twins, { billingPeriod: 'P1M', term: 'P1Y' })).toMatchObject({
      outcome: 'ambiguous',
      deciding: ['mapping'],
    });
  });

  it('prefers a product that tells its periods to one that does not', () => {
    const silent = product(nce, null, null);
    expect(answerTo(nce, [silent, ways[1]!], { term: 'P1Y' }).product).toBe(ways[1]);
    expect(answerTo(nce, [silent], { term: 'P1Y' }).product).toBe(silent);
  });

  it('never resolves to a withdrawn product, nor falls back from one to its stem', () => {
    const gone = product(`${guid}_ANNUAL`, 'P1Y', 'P1Y', { withdrawn: true });
    const bare = product(guid, 'P1Y', 'P1Y');
    expect(answerTo(`${guid}_ANNUAL`, [gone, bare])).toMatchObject({
      outcome: 'unknown',
      candidates: [gone],
      reason: expect.stringContaining('no longer lists'),
    });
  });

  it('leaves the withdrawn ones out of the choice', () => {
    const gone = product(nce, 'P1M', 'P1M', { withdrawn: true });
    expect(answerTo(nce, [gone, ways[1]!]).product).toBe(ways[1]);
  });

  it('leaves a mapped product of another vendor to the mapping', () => {
    const [own, other] = [product('BACKUP'), product('BACKUP', 'P1M', 'P1M', { vendor: 'VEEAM' })];
    const mappings = [map(other.id, '', 'P1M')];
    expect(answerTo('BACKUP', [own, other], {}, mappings)).toMatchObject({ product: own, by: 'rule' });
    expect(answerTo('BACKUP', [own, other], { term: 'P1M' }, mappings)).toMatchObject({ product: other });
  });

  it('knows nothing of an mpn that is not there', () => {
    expect(answerTo('NONE', [])).toMatchObject({ outcome: 'unknown', candidates: [], deciding: ['mapping'] });
  });
});

describe('a mapping', () => {
  const other = product('OTHER', 'P1M', 'P1M');

  it('wins over the rule, and tells in what the product differs from the question', () => {
    expect(
      answerTo(nce, [...ways, other], { term: 'P1Y', billingPeriod: 'P1M' }, [map(other.id)]),
    ).toMatchObject({
      outcome: 'resolved',
      by: 'mapping',
      product: other,
      differs: ['term'],
    });
  });

  it('holds only for the questions it was made for', () => {
    const mappings = [map(other.id, '', 'P1M')];
    expect(answerTo(nce, [...ways, other], { term: 'P1Y', billingPeriod: 'P1Y' }, mappings).product).toBe(
      ways[2],
    );
    expect(answerTo(nce, [...ways, other], { term: 'P1M' }, mappings).product).toBe(other);
    expect(answerTo(nce, [...ways, other], {}, mappings).outcome).toBe('ambiguous');
  });

  it('for particular questions wins over one for any', () => {
    const mappings = [map(other.id), map(ways[0]!.id, 'P1M', 'P1M'), map(null, 'P1M')];
    const facts = { billingPeriod: 'P1M', term: 'P1M' };
    expect(answerTo(nce, [...ways, other], facts, mappings).product).toBe(ways[0]);
  });

  it('that disagrees with another for the same question makes it ambiguous', () => {
    const mappings = [map(ways[0]!.id, 'P1M', ''), map(ways[1]!.id, '', 'P1Y')];
    expect(answerTo(nce, ways, { billingPeriod: 'P1M', term: 'P1Y' }, mappings)).toMatchObject({
      outcome: 'ambiguous',
      candidates: [ways[0], ways[1]],
      deciding: ['mapping'],
    });
  });

  it('may exclude', () => {
    expect(answerTo(nce, ways, { term: 'P1M' }, [map(null)])).toMatchObject({
      outcome: 'excluded',
      by: 'mapping',
    });
  });

  it('to a withdrawn product leads nowhere', () => {
    const gone = product('OLD', 'P1M', 'P1Y', { withdrawn: true });
    expect(answerTo(nce, [...ways, gone], { term: 'P1M' }, [map(gone.id)])).toMatchObject({
      outcome: 'unknown',
      by: 'mapping',
      candidates: [gone],
    });
  });
});

it('looks a part number up as it is, and without its suffix', () => {
  expect(mpnKeysOf(PartNumber.of('M', 'Abc_ANNUAL'))).toEqual(['abc_annual', 'abc']);
  expect(mpnKeysOf(PartNumber.of('M', 'A:0001'))).toEqual(['a:0001']);
});
