import { hash } from 'node:crypto';

/** Prepared once per connection: planning a long statement can cost as much as running it over a page. */
export interface Statement {
  name: string;
  text: string;
}

export const prepared = (text: string): Statement => ({ name: `isthmus-${hash('md5', text, 'hex')}`, text });

const separator = '\u001f';
/** Elements with a meaning in PostgreSQL's array syntax: special characters, the empty string, and the word for null. */
const needsQuotes = /[{},"\\\s]|(?:^|\u001f)(?:null)?(?=\u001f|$)/i;

/**
 * One column of a batch as a parameter. The driver searches every element for characters that must be quoted, which is a third of
 * the cost of a batch in this process; most columns (ids, dates, keywords) contain none, and a single search of the whole column
 * shows it.
 */
export function arrayParameter(values: readonly (string | null)[]): string | readonly (string | null)[] {
  if (needsQuotes.test(values.map((value) => value ?? '-').join(separator))) return values;
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}
