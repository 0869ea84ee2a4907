import fc from 'fast-check';
import { CurrencyCode, Decimal, Money } from './money.ts';

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

describe('arithmetic with decimals', () => {
  it('is exact and keeps the decimals of what it is made of', () => {
    expect(Decimal.sum(['0.1', '0.2', '-0.30'])).toBe('0.00');
    expect(Decimal.sum([])).toBe('0');
    expect(Decimal.times('-0.10', 3)).toBe('-0.30');
    expect(Decimal.difference('-1', '2.25')).toBe('3.25');
    expect(Decimal.sum(['123456789012345678901234567890', '0.00000000000000000001'])).toBe(
      '123456789012345678901234567890.00000000000000000001',
    );
  });

  it.each([
    ['0.10', 1, 3, '0.03'],
    ['-0.10', 1, 3, '-0.03'],
    ['0.05', 1, 2, '0.03'],
    ['-0.05', 1, 2, '-0.03'],
    ['-0.01', 1, 3, '0.00'],
    ['22.005', 1, 1, '22.005'],
    ['1', 2, 3, '0.67'],
  ])('takes of %s the share %s/%s as %s, rounded half away from zero', (value, times, of, share) => {
    expect(Decimal.share(value, times, of)).toBe(share);
  });

  it('rounds a share once, never what has been rounded', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }),
        fc.integer({ min: 1, max: 100_000 }),
        (units, of) => {
          const magnitude = ((units < 0n ? -units : units) * 2n + BigInt(of)) / (2n * BigInt(of));
          const share = Decimal.share(`${units}.00`, 1, of * 100);
          expect(share.replace('.', '').replace(/^(-?)0+(?=\d)/, '$1')).toBe(
            `${units < 0n && magnitude > 0n ? '-' : ''}${magnitude}`,
          );
        },
      ),
    );
  });

  it.each(['', 'NaN', 'Infinity', '1e3', '1,5', '.5', '5.', ' 1', '0x10', '9'.repeat(61)])(
    'refuses to calculate with %j',
    (text) => {
      for (const act of [
        () => Decimal.compare(text, '0'),
        () => Decimal.sum(['0', text]),
        () => Decimal.times(text, 1),
        () => Decimal.share(text, 1, 1),
        () => Decimal.canonical(text),
      ])
        expect(act).toThrow(expect.objectContaining({ code: 'value.invalid' }));
    },
  );

  it.each([0.5, NaN, Infinity, 2 ** 53])('refuses the count %s', (count) => {
    expect(() => Decimal.times('1', count)).toThrow('use a whole number');
    expect(() => Decimal.share('1', count, 1)).toThrow('use a whole number');
  });
});

describe('Money', () => {
  it('keeps the amount exactly as given and prints what it parses', () => {
    for (const text of ['12.40 USD', '0 EUR', '-3.000 GBP', '123456789012345678.99 JPY']) {
      expect(Money.print(Money.parse(text))).toBe(text);
    }
  });

  it('compares by value, whatever the number of zeros', () => {
    const order = ['-10.5', '-2', '0', '0.3', '0.31', '2', '10'];
    for (const [i, a] of order.entries()) {
      for (const [j, b] of order.entries()) {
        expect(Math.sign(Money.compare(Money.of(a, 'USD'), Money.of(b, 'USD')))).toBe(Math.sign(i - j));
      }
    }
    expect(Money.compare(Money.of('1.5', 'USD'), Money.of('1.500', 'USD'))).toBe(0);
    expect(Money.compare(Money.of('-0.5', 'USD'), Money.of('-0.25', 'USD'))).toBeLessThan(0);
  });

  it('refuses to compare two currencies', () => {
    expect(() => Money.compare(Money.of('1', 'USD'), Money.of('1', 'EUR'))).toThrow(
      'compare it with another sum in EUR',
    );
  });

  it.each([
    '',
    '1,5 USD',
    '1e3 USD',
    '.5 USD',
    '5. USD',
    'NaN USD',
    '5',
    '5 DOLLARS',
    '5 EURO',
    '5 €',
    '5 USD extra',
  ])('refuses %j', (text) => {
    expect(() => Money.parse(text)).toThrow(expect.objectContaining({ code: 'value.invalid' }));
  });
});

describe('CurrencyCode', () => {
  it.each(['USD', 'HRK', 'XCG', 'BGN', 'ANG', ' usd ', 'xcg'])('takes %j', (text) => {
    expect(CurrencyCode.parse(text)).toBe(text.trim().toUpperCase());
  });

  it.each(['', 'US', 'USDT', 'U5D', '€', 'ÄÖÜ'])('refuses %j', (text) => {
    expect(() => CurrencyCode.parse(text)).toThrow('use three letters such as USD');
  });
});
