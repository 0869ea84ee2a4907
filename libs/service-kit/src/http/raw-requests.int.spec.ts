import { connect } from 'node:net';
import { runNotes, type RunningNotes } from '../../test/notes.fixture.ts';

/*
 * What no HTTP client would send: it is written to the socket as it stands.
 */

let notes: RunningNotes;
let token: string;
beforeAll(async () => {
  notes = await runNotes();
  token = await notes.issuer.token();
});
afterAll(() => notes.close());

/** Everything that comes back until the server closes the connection, or nothing has come for a while. */
function exchange(...lines: string[]): Promise<string> {
  const { port, hostname } = new URL(notes.url);
  return new Promise((resolve, reject) => {
    let said = '';
    const socket = connect(Number(port), hostname, () => socket.write(lines.join('\r\n')));
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on('data', (data) => (said += String(data)));
    socket.on('error', reject);
    socket.on('close', () => resolve(said));
  });
}

const statuses = (said: string): number[] =>
  [...said.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

const head = () => ['POST /v1/notes HTTP/1.1', 'Host: notes', `Authorization: Bearer ${token}`];
const json = 'Content-Type: application/json';
const hidden = ['GET /v1/notes HTTP/1.1', 'Host: notes', '', ''].join('\r\n');

describe('two readers of a request would not agree where it ends: it is refused, and so is what follows', () => {
  it.each<[string, () => string[]]>([
    [
      'a length and chunks',
      () => ['Content-Length: 4', 'Transfer-Encoding: chunked', json, '', '0', '', hidden],
    ],
    [
      'chunks and a length',
      () => ['Transfer-Encoding: chunked', 'Content-Length: 4', json, '', '0', '', hidden],
    ],
    ['two lengths', () => ['Content-Length: 2', 'Content-Length: 80', json, '', `{}${hidden}`]],
    ['a list of lengths', () => ['Content-Length: 2, 80', json, '', `{}${hidden}`]],
    ['a length with a sign', () => ['Content-Length: +2', json, '', `{}${hidden}`]],
    ['a length that is no number', () => ['Content-Length: 0x2', json, '', `{}${hidden}`]],
    ['chunks under another name', () => ['Transfer-Encoding: xchunked', json, '', `0\r\n\r\n${hidden}`]],
    ['a header that goes on in the next line', () => ['X-A: 1', ' Content-Length: 80', json, '', hidden]],
    ['a blank before the colon', () => ['Content-Length : 2', json, '', `{}${hidden}`]],
    ['a line end within a header', () => ['X-A: 1\nContent-Length: 80', json, '', hidden]],
    [
      'a chunk that is no number',
      () => ['Transfer-Encoding: chunked', json, '', 'zz', '{}', '0', '', hidden],
    ],
  ])('%s', async (_, rest) => {
    const said = statuses(await exchange(...head(), ...rest()));
    expect(said).toHaveLength(1);
    expect([400, 401, 413, 501]).toContain(said[0]);
  });

  it('while one whose end is certain is answered, and so is what follows', async () => {
    const said = await exchange(...head(), 'Content-Length: 2', json, '', `{}${hidden}`);
    expect(statuses(said)).toEqual([400, 401]);
  });
});

it.each<[string, number, string[]]>([
  ['headers of more than 16 kB', 431, [`X-Large: ${'x'.repeat(20_000)}`, '', '']],
  ['what is no HTTP', 400, ['X Blank: 1', '', '']],
])('a problem says so of %s', async (_, status, rest) => {
  const said = await exchange('GET /v1/notes HTTP/1.1', 'Host: notes', ...rest);
  expect(statuses(said)).toEqual([status]);
  expect(said).toMatch(/content-type: application\/problem\+json/i);
  expect(JSON.parse(said.split('\r\n\r\n')[1]!)).toMatchObject({
    type: expect.stringMatching(/^urn:isthmus:problem:/),
    status,
    detail: expect.any(String),
  });
});

it.each(['TRACE', 'TRACK', 'CONNECT', 'PROPFIND'])(
  '%s is no method here, and nothing is echoed',
  async (method) => {
    const said = await exchange(`${method} /v1/notes HTTP/1.1`, 'Host: notes', 'X-Mark: echo-me', '', '');
    for (const status of statuses(said)) expect([400, 404, 405]).toContain(status);
    expect(said).not.toContain('echo-me');
  },
);

it('tells browsers of other origins nothing, not even before they ask', async () => {
  const origin = 'https://elsewhere.example';
  const asked = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization',
  };
  for (const [method, headers] of [
    ['OPTIONS', asked],
    ['GET', { origin }],
    ['POST', { origin }],
  ] as const) {
    const answer = await notes.call(method, '/v1/notes', { headers });
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  }
});
