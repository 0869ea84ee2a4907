import { CountryCode } from './country-code.ts';
import { CurrencyCode } from './currency-code.ts';

describe('CurrencyCode', () => {
  it.each(['USD', 'HRK', 'XCG', 'BGN', 'ANG', ' usd ', 'xcg'])('takes %j', (text) => {
    expect(CurrencyCode.parse(text)).toBe(text.trim().toUpperCase());
  });

  it.each(['', 'US', 'USDT', 'U5D', '€', 'ÄÖÜ'])('refuses %j', (text) => {
    expect(() => CurrencyCode.parse(text)).toThrow('use three letters such as USD');
  });
});

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
