import { fieldWords } from './field-words.ts';

const t = (name: string, values: Record<string, unknown> = {}): string =>
  [name, ...Object.values(values)].join(' ');
const said = (message: string): string => fieldWords(message, 'schedule.customDomain', 'Custom domain', t);

it.each([
  ['customDomain must be a valid domain name', 'domain'],
  ['customDomain must be longer than or equal to 1 characters', 'required'],
  ['customDomain must be longer than or equal to 1 and shorter than or equal to 255 characters', 'required'],
  ['customDomain must be shorter than or equal to 255 characters', 'shorter 255'],
  ['customDomain is required', 'required'],
  ['customDomain must not be less than 5; customDomain must be an integer number', 'least 5. whole'],
  ['customDomain must be one of the following values: cmp, manual', 'choice'],
  ['customDomain must match /^[A-Z]{2}$/ regular expression', 'other'],
  ['customDomain must not contain a colon', 'Custom domain must not contain a colon'],
  ['CMP has no account 7.', 'Ingram Micro has no account 7.'],
])('the API says %p, the form %p', (message, words) => {
  expect(said(message)).toBe(words);
});
