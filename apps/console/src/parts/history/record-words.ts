import { useMemo } from 'react';
import { valueText } from '../../data/changes.ts';
import { formatOf, type Format } from '../../texts/format.ts';
import { records } from './texts.ts';
import { useCommon, useLanguage, useWord } from '../../texts/use-texts.ts';
import { who } from '../show/texts.ts';

export interface RecordWords {
  /** The label of a field of the API; `billingPlanId` is "Billing plan id" where there is none. */
  field: (name: string) => string;
  /** A value as people read it: yes and no, days and moments, known states; a dash where there is none. */
  value: (value: unknown) => string;
  /** `order.place` is "Order placed". */
  action: (name: string) => string;
  /** `provider-account` is "Ingram account". */
  thing: (type: string) => string;
  service: (name: string) => string;
  /** Who asked for something: a person as they are called, a part of Isthmus by what it does. */
  by: (who: string) => string;
}

/** Words for what the audit log, events and runs call by the names of programs. */
export function useRecordWords(): RecordWords {
  const word = useWord(records);
  const by = useWord(who);
  const common = useCommon();
  const language = useLanguage();
  return useMemo(() => {
    const say = (prefix: string, name: string): string | undefined => {
      const found = word(prefix, name);
      return found === name ? undefined : found;
    };
    const told = (prefix: string) => (name: string) => say(prefix, name) ?? inWords(name);
    const said = { yes: common('yes'), no: common('no'), none: common('dash') };
    return {
      field: told('field'),
      action: told('action'),
      thing: told('thing'),
      service: told('service'),
      by: (subject) => by('by', subject),
      value: (value) => readable(value, formatOf(language), said, (text) => say('value', text)),
    };
  }, [word, by, common, language]);
}

/** `billingPlanId` and `billing-plan.set` as "Billing plan id" and "Billing plan set". */
export function inWords(name: string): string {
  const words = name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll(/[-._]+/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const aDay = /^\d{4}-\d\d-\d\d$/;
const aMoment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

/** One value in words; those of a list and of an object, one after the other. */
export function readable(
  value: unknown,
  format: Pick<Format, 'day' | 'moment' | 'number'>,
  said: { yes: string; no: string; none: string },
  known: (text: string) => string | undefined,
): string {
  const read = (one: unknown): string => readable(one, format, said, known);
  if (typeof value === 'boolean') return value ? said.yes : said.no;
  if (typeof value === 'number') return format.number(value);
  if (Array.isArray(value)) return value.map(read).join(', ') || said.none;
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([name, inner]) => `${inWords(name)}: ${read(inner)}`)
      .join(', ');
  const text = valueText(value);
  if (aDay.test(text)) return format.day(text);
  if (aMoment.test(text)) return format.moment(text);
  return known(text) ?? (text || said.none);
}
