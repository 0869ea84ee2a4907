import { formatOf } from '../../texts/format.ts';
import { inWords, readable } from './record-words.ts';

const shown = (value: unknown): string =>
  readable(value, formatOf('en'), { yes: 'Yes', no: 'No', none: '–' }, (text) =>
    text === 'cmp' ? 'from Ingram Micro' : undefined,
  );

it.each([
  [true, 'Yes'],
  [false, 'No'],
  [null, '–'],
  [undefined, '–'],
  ['', '–'],
  [[], '–'],
  ['2026-12-31', '31 Dec 2026'],
  ['cmp', 'from Ingram Micro'],
  ['W365-0001', 'W365-0001'],
  [1440, '1,440'],
  [['a', true], 'a, Yes'],
  [{ perMinute: 60, perDay: null }, 'Per minute: 60, Per day: –'],
])('%p is read as %p', (value, words) => {
  expect(shown(value)).toBe(words);
});

it('a name of programs that has no label is at least words', () => {
  expect(inWords('billingPlanId')).toBe('Billing plan id');
  expect(inWords('mapping-import.apply')).toBe('Mapping import apply');
});
