import { isDeepStrictEqual } from 'node:util';
import type { AuditFields } from './audit.entity.ts';

/** Replaces a value that must not be shown; it states only that there is, or was, one. */
export const concealed = 'changed';

/** Fields always shown as `changed`: a second line of defence in addition to callers that leave secrets out. */
const secretNames =
  /^(pass(word|phrase)?|secrets?|sealed|.*token|api-?keys?|subscription-?key|hash|key|authorization|credentials?)$/i;

const maxTextLength = 500;
const maxItems = 50;
const deepest = 6;
/** Limit for all fields before, and for all after, as JSON. */
const maxBytes = 16_384;

export interface ChangedFields {
  before: AuditFields | null;
  after: AuditFields | null;
}

/**
 * The fields of an entry: if both sides are given, the fields that differ; if one is, all of them. Secrets are concealed, query
 * strings of URLs left out, and long values truncated.
 * @returns null if nothing differs
 */
export function changedFields(
  before: object | null | undefined,
  after: object | null | undefined,
): ChangedFields | null {
  const [was, is] = [plain(before), plain(after)];
  if (!was || !is) return { before: was && shown(was), after: is && shown(is) };
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
    (name) => !isDeepStrictEqual(was[name] ?? null, is[name] ?? null),
  );
  if (names.length === 0) return null;
  const only = (fields: AuditFields) => Object.fromEntries(names.map((name) => [name, fields[name] ?? null]));
  return { before: shown(only(was)), after: shown(only(is)) };
}

/** Converts to plain JSON: dates as strings, and without undefined fields. */
const plain = (fields: object | null | undefined): AuditFields | null =>
  fields ? (JSON.parse(JSON.stringify(fields)) as AuditFields) : null;

function shown(fields: AuditFields): AuditFields {
  const bounded = boundMembers(fields, 0);
  if (JSON.stringify(bounded).length <= maxBytes) return bounded;
  return {
    fields: Object.keys(fields).slice(0, maxItems).map(boundText),
    omitted: 'too large to be stored here',
  };
}

const boundMembers = (fields: object, depth: number): AuditFields =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      boundText(name),
      secretNames.test(name) && value !== null ? concealed : bound(value, depth + 1),
    ]),
  );

function bound(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return boundText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > deepest) return '…';
  if (!Array.isArray(value)) return boundMembers(value, depth);
  const items = value.slice(0, maxItems).map((item) => bound(item, depth + 1));
  return value.length > maxItems ? [...items, `… and ${value.length - maxItems} more`] : items;
}

/**
 * Makes a string that PostgreSQL can store and a user can read, without the parts of a URL that may be secret (query, user info).
 */
export function boundText(text: string, most = maxTextLength): string {
  const safe = text
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '\ufffd')
    .replace(/^(https?:\/\/)(?:[^/?#@]*@)?([^?#]*)\?.*$/is, '$1$2?…');
  return safe.length > most ? `${safe.slice(0, most).toWellFormed()}…` : safe;
}
