import { headersOf, pathOf, type Route, sample } from './routes.ts';

/** A request to send as it is: its path is not corrected, its body is not turned into JSON. */
export interface RawRequest {
  /** What is odd about it. */
  odd: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
}

const base64url = (text: string): string => Buffer.from(text).toString('base64url');

const oddSegments = {
  'a word': 'x',
  'a blank': '%20',
  'half a character': '%ED%A0%80',
  'a broken escape': '%zz',
  'a way up': '..%2F..%2Fetc%2Fpasswd',
  'a prototype': '__proto__',
  'what every object has': 'constructor',
  'a quote': "'%20or%201=1--",
  'a long word': 'x'.repeat(501),
  'an id in braces': '%7B00000000-0000-0000-0000-000000000000%7D',
  'the id of nothing': '00000000-0000-0000-0000-000000000000',
};

const oddValues: Record<string, string> = {
  empty: '',
  'a word': 'x',
  'a NUL': '%00',
  'half a character': '%ED%A0%80',
  'a negative number': '-1',
  'a number too large': '99999999999999999999',
  'a fraction': '1e-9',
  'a list': '[]',
  'an object': '%7B%22%24ne%22%3A1%7D',
  'a date that is none': '2026-02-31T00:00:00Z',
  'a year that is none': '0000-01-01',
  'a quote': "'%3B%20drop%20table%20connectors--",
  'a pattern': '%25_%5C',
  'a prototype': '__proto__',
  'what every object has': 'constructor',
  'a number in words': 'NaN',
  'a long text': 'x'.repeat(5_000),
};

const oddCursors: Record<string, string> = {
  nothing: base64url(''),
  'no JSON': base64url('{'),
  'an object': base64url('{}'),
  'an empty list': base64url('[]'),
  'a word': base64url('["x"]'),
  'an empty text': base64url('[""]'),
  'a fraction': base64url('["1.5"]'),
  'a number too large': base64url('["99999999999999999999"]'),
  'a NUL': base64url('["\\u0000"]'),
  'half a character': base64url('["\\ud83d"]'),
  nulls: base64url('[null,null]'),
  'two words': base64url('["x","y"]'),
  'a time and a word': base64url('["2026-01-01T00:00:00Z","x"]'),
  'a time that is none and an id': base64url('["0000-13-99","00000000-0000-0000-0000-000000000000"]'),
  'two numbers': base64url('[1e308,-1e308]'),
  'more than there are': base64url('[1,2,3,4,5]'),
  lists: base64url('[[],{}]'),
};

const oddBodies: Record<string, string> = {
  empty: '',
  null: 'null',
  'a list': '[]',
  'a list of objects': '[{}]',
  'a text': '"x"',
  'a number': '1',
  true: 'true',
  'an empty object': '{}',
  'an object cut off': '{"a":',
  'a prototype': '{"__proto__":{"admin":true}}',
  'a constructor': '{"constructor":{"prototype":{"admin":true}}}',
  'an unknown member': '{"nobodyKnowsThis":1}',
  'too deep': `${'{"a":'.repeat(50)}1${'}'.repeat(50)}`,
  'too long a list': `{"a":[${'1,'.repeat(6_000)}1]}`,
  'a NUL in a name': '{"a\\u0000b":1}',
  'a byte order mark': '\uFEFF{}',
  'twice the same member': '{"name":1,"name":2}',
};

const oddTables: Record<string, string> = {
  empty: '',
  'a line break': '\n',
  'a heading only': 'a,b\n',
  'a heading that nobody knows': 'nobodyKnowsThis\n1\n',
  'the same heading twice': 'id,id\n1,2\n',
  'a heading that is a prototype': '__proto__,constructor\n1,2\n',
  'a quote that does not end': 'id,name\n1,"x\n',
  'a quote in a word': 'id,name\n1,x"y"z\n',
  'too few columns': 'id,name\n1\n',
  'too many columns': 'id,name\n1,2,3,4,5\n',
  'a NUL': 'id,name\n1,a\u0000b\n',
  'a formula': 'id,name\n1,"=1+1"\n',
  'a byte order mark': '\uFEFFid,name\n1,x\n',
  semicolons: 'id;name\r1;x\r',
  'a long cell': `id,name\n1,${'x'.repeat(20_000)}\n`,
  'many columns': `${'a,'.repeat(5_000)}a\n${'1,'.repeat(5_000)}1\n`,
  JSON: '{"a":1}',
};

/** Columns that tables have, so that their rows are read as well. */
const headings = [
  'part_number,product_id',
  'part_number,billing_period,term,product_id,action,reason',
  'id,name',
];
const oddRows = {
  'no row': '',
  'a row of commas': ',,,,,',
  'a row of words': 'x,x,x',
  'a row of NULs': '\u0000,\u0000,\u0000',
  'a row of quotes': '",'.repeat(7),
};

/** What a member of a body may be instead of what it is meant to be. */
const oddMembers: Record<string, unknown> = {
  null: null,
  'a number': -1,
  'a number too large': 1e308,
  'a number that is no integer': 0.1,
  'a text': 'x',
  'an empty text': '',
  'a text with a NUL': 'a\u0000b',
  'a text with half a character': 'a\ud83d',
  'a long text': 'x'.repeat(20_000),
  'a truth': true,
  'a list': [],
  'a list of nulls': [null],
  'a list of lists': [[[]]],
  'an object': {},
  'an object with an operator': { $ne: null },
  'a prototype': '__proto__',
  'what every object has': 'constructor',
  'a date that is none': '2026-02-31T25:61:00Z',
};

const oddHeaders: Record<string, Record<string, string>> = {
  'an ETag that is a star': { 'if-match': '*' },
  'an ETag without quotes': { 'if-match': 'x' },
  'a weak ETag': { 'if-match': 'W/"1"' },
  'an ETag too large': { 'if-match': '"99999999999999999999"' },
  'a negative ETag': { 'if-match': '"-1"' },
  'an empty ETag': { 'if-match': '' },
  'an empty key': { 'idempotency-key': '' },
  'a long key': { 'idempotency-key': 'k'.repeat(2_000) },
  'a key of other letters': { 'idempotency-key': '\u00e9\u00ff' },
  'a long correlation id': { 'x-correlation-id': 'c'.repeat(3_000) },
  'a broken traceparent': { traceparent: '00-zzz-zzz-01' },
  'a strange Accept': { accept: 'text/*;q=x, */' },
  'a strange content type': { 'content-type': 'application/json; charset=utf-16' },
  'no content type': { 'content-type': 'x' },
  'a form': { 'content-type': 'multipart/form-data; boundary=a' },
};

/** The odd requests of a route: its path, its query, its headers, its body, as JSON and as a table, and each member of its body. */
export function badRequests(route: Route, ids: Record<string, string>): RawRequest[] {
  const { parameters, body, contentType, takesCsv, resolve } = route;
  const path = pathOf(route, ids);
  const json: Record<string, string> = contentType ? { 'content-type': contentType } : {};
  const headers = { ...headersOf(route), ...json };
  const sampled = body && sample(body, resolve);
  const usual = { path, headers, body: sampled === undefined ? undefined : JSON.stringify(sampled) };

  const inPath = parameters
    .filter((one) => one.in === 'path')
    .flatMap(({ name }) =>
      Object.entries(oddSegments).map(([odd, value]) => {
        const marked = pathOf(route, { ...ids, [name]: 'MARK' });
        return { ...usual, odd: `${name} is ${odd}`, path: marked.replace('MARK', value) };
      }),
    );
  const inQuery = parameters
    .filter((one) => one.in === 'query')
    .flatMap(({ name }) =>
      Object.entries(name === 'cursor' ? { ...oddCursors, ...oddValues } : oddValues).map(([odd, value]) => ({
        ...usual,
        odd: `?${name} is ${odd}`,
        path: `${path}?${name}=${value}`,
      })),
    );
  const asQuery = [
    '?nobodyKnowsThis=1',
    '?limit=1&limit=2',
    '?__proto__[a]=1',
    `?${'a=1&'.repeat(500)}`,
    '?%zz',
  ];
  const queries = asQuery.map((query) => ({ ...usual, odd: query.slice(0, 30), path: path + query }));
  const inHeaders = Object.entries(oddHeaders).map(([odd, more]) => ({
    ...usual,
    odd,
    headers: { ...headers, ...more },
  }));
  const asBody =
    route.method === 'GET'
      ? []
      : Object.entries(oddBodies).map(([odd, text]) => ({
          ...usual,
          odd: `the body is ${odd}`,
          headers: { ...headers, 'content-type': 'application/json' },
          body: text,
        }));
  const asTable = (odd: string, text: string): RawRequest => ({
    path,
    odd: `the table is ${odd}`,
    headers: { ...headers, 'content-type': 'text/csv' },
    body: text,
  });
  const tables = [
    ...Object.entries(oddTables).map(([odd, text]) => asTable(odd, text)),
    ...headings.flatMap((heading) =>
      Object.entries(oddRows).map(([odd, row]) => asTable(`${odd} below ${heading}`, `${heading}\n${row}\n`)),
    ),
  ];
  const members = body && isObject(sampled) ? Object.keys(sampled) : [];
  const inBody = members.flatMap((member) =>
    Object.entries(oddMembers).map(([odd, value]) => ({
      ...usual,
      odd: `${member} is ${odd}`,
      body: JSON.stringify({ ...(sampled as object), [member]: value }),
    })),
  );
  return [
    { ...usual, odd: 'nothing' },
    ...inPath,
    ...inQuery,
    ...queries,
    ...inHeaders,
    ...asBody,
    ...(takesCsv ? tables : []),
    ...inBody,
  ];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
