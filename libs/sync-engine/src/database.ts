import { hash } from 'node:crypto';

/** Prepared once per connection: planning a long statement can cost as much as running it over a page. */
export interface Statement {
  name: string;
  text: string;
}

export const prepared = (text: string): Statement => ({ name: `isthmus-${hash('md5', text, 'hex')}`, text });

const separator = '\u001f';
/** What has a meaning in PostgreSQL's array syntax: its own characters, the empty text, and the word for null. */
const needsQuotes = /[{},"\\\s]|(?:^|\u001f)(?:null)?(?=\u001f|$)/i;

/**
 * One column of a batch as a parameter. The driver looks into every element for what must be quoted, which is a third of what
 * a batch costs this process; most columns (ids, dates, words) have nothing of the kind, and one look at all of it tells.
 */
export function arrayParameter(values: readonly (string | null)[]): string | readonly (string | null)[] {
  if (needsQuotes.test(values.map((value) => value ?? '-').join(separator))) return values;
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}
