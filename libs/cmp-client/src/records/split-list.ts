import { hash, randomUUID } from 'node:crypto';

/** A list response whose records are still text. */
export interface SplitList {
  /** The response as parsed, with an empty list of records. */
  envelope: unknown;
  /** What CMP sent for each record, in its order. Each is one JSON object if it parses, otherwise the list was not split correctly. */
  records: string[];
}

const listStart = /"data"[ \t\n\r]*:[ \t\n\r]*\[[ \t\n\r]*(?=\{)/;
/** The beginning of the first record; those of one list begin alike. */
const recordStart = /\{[ \t\n\r]*"[^"\\]*"[ \t\n\r]*:/y;
/** Stands in for the records while the rest is parsed. Random, so that no response can contain it. */
const standIn = randomUUID();

/**
 * Cuts the records out of the text of a list response, without parsing them. It looks for `}`, a comma, and what the first record
 * begins with, wherever that is: within a record, too. That is not a guess in the end, because whoever uses the records requires each
 * of them to be one JSON object, now or when the same text was parsed before: JSON objects with commas between them, in the place of
 * the list, are the list.
 * @returns undefined if the text does not look like that; it has to be parsed as a whole then
 */
export function splitList(text: string): SplitList | undefined {
  const start = listStart.exec(text);
  if (!start) return undefined;
  const from = start.index + start[0].length;
  const end = endOfList(text, from);
  recordStart.lastIndex = from;
  const opening = recordStart.exec(text)?.[0];
  if (end === undefined || opening === undefined) return undefined;
  const envelope = parseEnvelope(text.slice(0, from), text.slice(end));
  return envelope && { envelope, records: cut(text, from, end, opening) };
}

/** The position of the `]` that ends the list: the last one in the text that follows a `}`. */
function endOfList(text: string, from: number): number | undefined {
  for (let at = text.lastIndexOf(']'); at > from; at = text.lastIndexOf(']', at - 1))
    if (text[before(text, at)] === '}') return at;
  return undefined;
}

/** The response without its records. Undefined if it is not JSON, or if the list that was found is not the one that counts. */
function parseEnvelope(head: string, tail: string): object | undefined {
  try {
    const parsed = JSON.parse(`${head}"${standIn}"${tail}`) as { data?: unknown };
    if (!Array.isArray(parsed.data) || parsed.data.length !== 1 || parsed.data[0] !== standIn)
      return undefined;
    return { ...parsed, data: [] };
  } catch {
    return undefined;
  }
}

function cut(text: string, from: number, end: number, opening: string): string[] {
  const records: string[] = [];
  let start = from;
  for (let at = text.indexOf(opening, start + 1); at >= 0 && at < end; at = text.indexOf(opening, at + 1)) {
    const comma = before(text, at);
    const closing = text[comma] === ',' ? before(text, comma) : -1;
    if (text[closing] !== '}') continue;
    records.push(text.slice(start, closing + 1));
    start = at;
  }
  records.push(text.slice(start, before(text, end) + 1));
  return records;
}

/** The position of the last character before `at` that is not white space in JSON. */
function before(text: string, at: number): number {
  let position = at - 1;
  while (isSpace(text.charCodeAt(position))) position -= 1;
  return position;
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

const firstId = /"id"\s*:\s*(?:"([^"\\]*)"|(\d+))/;

/** What is probably the id of a record, without parsing it; empty if there is none. */
export function likelyId(record: string): string {
  const found = firstId.exec(record);
  return found?.[1] ?? found?.[2] ?? '';
}

/**
 * 128 bits of a SHA-256 over what CMP sent for a record, as 32 hex digits. Cryptographic, because two records with one digest would
 * hide a change.
 */
export const digestOf = (mapping: string, record: string): string =>
  hash('sha256', `${mapping}\n${record}`, 'hex').slice(0, 32);
