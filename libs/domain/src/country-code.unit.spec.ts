import { CountryCode, marketplaceForCountry } from './country-code.ts';
import { CurrencyCode } from './money.ts';

describe('CountryCode', () => {
  it.each([
    ['gb', 'GB'],
    ['UK', 'GB'],
    [' uk', 'GB'],
    ['XK', 'XK'],
    ['CW', 'CW'],
  ])('reads %j as %s', (text, code) => {
    expect(CountryCode.read(text)).toBe(code);
  });

  it.each(['EL', 'AN', 'UKR', '', 'U K'])('finds no country in %j', (text) => {
    expect(CountryCode.read(text)).toBeUndefined();
    expect(() => CountryCode.parse(text)).toThrow('is not a country code');
  });
});

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
