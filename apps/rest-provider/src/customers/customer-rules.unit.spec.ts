import fc from 'fast-check';
import { formatPhoneForCmp } from './customer-rules.ts';

it.each([
  ['(555) 010-0199', 'US', '+15550100199', '1##5550100199#'],
  ['949.555.1234 ext. 12', 'US', '+19495551234', '1##9495551234#12'],
  ['020 7946 0018', 'GB', '+442079460018', '44##2079460018#'],
  ['+49 (0)30 1234567', 'US', '+49301234567', '49##301234567#'],
  ['0049 30 1234567', 'DE', '+49301234567', '49##301234567#'],
  ['1#949#5551234#', 'DE', '+19495551234', '1##9495551234#'],
  ['81##18881234567#', '', '+8118881234567', '81##18881234567#'],
])('reads %p in %s', (text, country, e164, split) => {
  expect([formatPhoneForCmp(text, country, 'e164'), formatPhoneForCmp(text, country, 'split')]).toEqual([
    e164,
    split,
  ]);
});

it.each([
  ['call reception', 'US'],
  ['12', 'US'],
  ['949 555 1234', ''],
  ['+999 123 456', 'US'],
  ['9495551234 9495551234', 'US'],
  ['', 'DE'],
])('refuses %p in %p', (text, country) => {
  expect(formatPhoneForCmp(text, country, 'e164')).toBeNull();
});

it('answers a number or nothing, whatever is written', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('US', 'DE', 'XK', ''), (text, country) => {
      expect(formatPhoneForCmp(text, country, 'e164') ?? '+1000000').toMatch(/^\+[1-9]\d{6,14}$/);
    }),
  );
});
