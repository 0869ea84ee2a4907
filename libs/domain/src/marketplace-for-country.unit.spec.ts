import { CountryCode } from './country-code.ts';
import { CurrencyCode } from './currency-code.ts';
import { marketplaceForCountry } from './marketplace-for-country.ts';

describe('marketplaceForCountry', () => {
  it.each([
    ['US', 'us'],
    ['gb', 'uk'],
    [' nl ', 'nl'],
    ['AU', 'au'],
    ['JP', undefined],
    ['LA', undefined],
  ])('knows that %s is served by %s', (country, marketplace) => {
    expect(marketplaceForCountry(CountryCode.parse(country))).toBe(marketplace);
  });
});

describe('CountryCode and CurrencyCode', () => {
  it('refuse what is no code', () => {
    expect(() => CountryCode.parse('EL')).toThrow('"EL" is not a country code');
    expect(['usd', ' eur ', 'ſſſ', 'ﬃ', 'ııı', 'USDT', ''].map((text) => CurrencyCode.read(text))).toEqual([
      'USD',
      'EUR',
      ...Array.from({ length: 5 }),
    ]);
    expect(() => CurrencyCode.parse('US$')).toThrow('"US$" is not a currency code');
  });
});
