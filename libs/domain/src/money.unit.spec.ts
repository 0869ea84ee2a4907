import { CurrencyCode, Money } from './money.ts';

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
