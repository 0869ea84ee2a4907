import fc from 'fast-check';
import { Decimal } from './decimal.ts';

describe('Decimal.read', () => {
  it.each([
    ['0E-8', '0'],
    ['0E+1', '0'],
    ['-0.0E5', '0'],
    ['1.2345678E7', '12345678'],
    ['5.0E-4', '0.0005'],
    ['1.0E7', '10000000'],
    ['9.7e-7', '0.00000097'],
    ['-2.50E1', '-25'],
    ['1.25E1', '12.5'],
    ['12E-1', '1.2'],
    ['1e+21', '1000000000000000000000'],
  ])('reads %s exactly as %s', (text, value) => {
    expect(Decimal.read(text)).toBe(value);
  });

  it.each(['70.5', '0.0', '5000.0', '-3.000', '0'])('leaves the plain %s as it came', (text) => {
    expect(Decimal.read(text)).toBe(text);
  });

  it.each([
    '12,5',
    '1,234.50',
    '1.234,50',
    '',
    ' 1',
    '.5',
    '5.',
    'NaN',
    'Infinity',
    '0x10',
    '1e',
    'e5',
    '1e999999',
    '1e-999999',
    '1e999999999999',
    '1E31',
    '1E-21',
    '1'.repeat(31),
  ])('reads nothing in %j', (text) => {
    expect(Decimal.read(text)).toBeUndefined();
  });

  it('means what the language means by every number it writes', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e15, max: 1e15 }), (number) => {
        const read = Decimal.read(String(number));
        // Below twenty decimals nothing is kept.
        expect(read === undefined || Number(read) === number).toBe(true);
        if (Math.abs(number) > 1e-3) expect(read).toBeDefined();
      }),
    );
  });
});
