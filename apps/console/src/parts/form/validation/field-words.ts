import { forPeople } from '../../feedback/for-people.ts';
import type { validation } from './texts.ts';
import type { NameIn, Translate } from '../../../texts/use-texts.ts';

type Name = NameIn<typeof validation>;

/** How the API words a broken rule, and what it is called here; a number in it is the limit. */
const rules: readonly (readonly [RegExp, Name])[] = [
  [/ (?:is required|should not be empty)$/, 'required'],
  [/ must be longer than or equal to 1 characters?$/, 'required'],
  [/ must be longer than or equal to 1 and shorter than or equal to \d+ characters$/, 'required'],
  [/ must be longer than or equal to (\d+)\b.* characters$/, 'longer'],
  [/ must be shorter than or equal to (\d+) characters$/, 'shorter'],
  [/ must be a valid domain name$/, 'domain'],
  [/ must be an email$/, 'email'],
  [/ must be (?:a|an) URL/, 'address'],
  [/ must be (?:a valid )?(?:an )?(?:ISO 8601|date|Date|RFC 3339)/, 'date'],
  [/ must not be less than (-?\d+)$/, 'least'],
  [/ must not be greater than (-?\d+)$/, 'most'],
  [/ must be an integer number$/, 'whole'],
  [/ must be a number/, 'number'],
  [/ must be one of the following values/, 'choice'],
];

/**
 * What the API says about a field, in words for whoever fills in a form: a known rule in their language; a rule that is not
 * known without the field's name in programs; a sentence of a service as it is.
 * @param message the problems of one field, joined by "; "
 */
export function fieldWords(message: string, field: string, label: string, t: Translate<Name>): string {
  const said = message.split('; ').map((one) => {
    for (const [rule, name] of rules) {
      const found = rule.exec(one);
      if (found) return { name, words: t(name, found[1] === undefined ? {} : { limit: Number(found[1]) }) };
    }
    const own = field.split('.').at(-1) ?? field;
    const isSentence = !one.startsWith(`${own} `) && !one.startsWith(`each value in ${own} `);
    if (isSentence) return { words: forPeople(one) };
    // A sentence about the field under the name that it has on screen; a pattern is for programs.
    return { words: one.includes('regular expression') ? t('other') : forPeople(one.replace(own, label)) };
  });
  const missing = said.find(({ name }) => name === 'required');
  return missing?.words ?? [...new Set(said.map(({ words }) => words))].filter(Boolean).join('. ');
}
