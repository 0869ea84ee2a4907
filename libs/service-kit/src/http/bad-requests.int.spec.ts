import { request } from 'node:http';
import { runNotes, type RunningNotes } from '../../test/notes.fixture.ts';

let notes: RunningNotes;
beforeAll(async () => {
  notes = await runNotes({}, { BODY_LIMIT: '4096', JSON_DEPTH_LIMIT: '6', JSON_ARRAY_LIMIT: '50' });
});
afterAll(() => notes.close());

const post = (body: unknown, headers: Record<string, string> = {}) =>
  notes.call('POST', '/v1/notes', { body, headers: { 'idempotency-key': crypto.randomUUID(), ...headers } });

const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });

describe('a body that cannot be read', () => {
  it.each([
    ['malformed JSON', '{"text":', 400, 'bad-request', /not valid JSON/],
    ['a forbidden member name', '{"text":"a","__proto__":{"admin":true}}', 400, 'bad-request', /__proto__/],
    ['too much of it', { text: 'x'.repeat(5000) }, 413, 'body-too-large', /BODY_LIMIT/],
    ['too deep nesting', nested(7), 400, 'bad-request', /deeper than 6/],
    ['too long an array', { text: 'a', labels: Array(51).fill(1) }, 400, 'bad-request', /more than 50/],
    ['a NUL character', { text: 'a\u0000b' }, 400, 'bad-request', /NUL/],
    ['a NUL character in a name', { text: 'a', 'b\u0000': 1 }, 400, 'bad-request', /NUL/],
    ['half an emoji', { text: 'a\ud83d' }, 400, 'bad-request', /half a character/],
    ['half an emoji in a name', { text: 'a', '\ude00': 1 }, 400, 'bad-request', /half a character/],
  ])('%s is a problem that says so', async (_, body, status, type, detail) => {
    const refused = await post(body);
    expect(refused.status).toBe(status);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(refused.body).toMatchObject({ type: `urn:isthmus:problem:${type}`, status });
    expect(refused.body.detail).toMatch(detail);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
  ])('of the type %s is 415', async (type) => {
    expect(await post('text=a', { 'content-type': type })).toMatchObject({
      status: 415,
      body: { type: 'urn:isthmus:problem:unsupported-media-type' },
    });
  });

  it('of the type application/merge-patch+json is read as JSON', async () => {
    expect(
      (await post({ text: 'a' }, { 'content-type': 'application/merge-patch+json; charset=utf-8' })).status,
    ).toBe(202);
  });
});

describe('a body that does not fit', () => {
  it.each([
    ['a list for the body', [], ''],
    ['a list of bodies', [{ text: 'a' }], ''],
    ['an empty list for an object', { text: 'a', main: [] }, 'main'],
    ['a list for an object', { text: 'a', main: [{ name: 'ok' }] }, 'main'],
    ['a list for an item of a list', { text: 'a', labels: [[{ name: 'ok' }]] }, 'labels[0]'],
    ['an empty list for an item of a list', { text: 'a', labels: [{ name: 'ok' }, []] }, 'labels[1]'],
    ['an object for a list', { text: 'a', labels: { name: 'ok' } }, 'labels'],
  ])('%s is refused, naming the field', async (_, body, field) => {
    const refused = await post(body);
    expect([refused.status, refused.body.errors?.map((error) => error.field)]).toEqual([
      400,
      expect.arrayContaining([field]),
    ]);
  });

  it('names every bad field by its path, unknown ones included', async () => {
    const refused = await post({ text: '', labels: [{ name: 'ok' }, { name: 7, colour: 'red' }], extra: 1 });
    expect(refused.status).toBe(400);
    expect(refused.body.type).toBe('urn:isthmus:problem:invalid-input');
    const fields = refused.body.errors?.map(({ field }) => field);
    expect(new Set(fields)).toEqual(new Set(['text', 'labels[1].name', 'labels[1].colour', 'extra']));
    expect(refused.body.errors?.find(({ field }) => field === 'extra')?.message).toMatch(/should not exist/);
  });

  it.each([['[]'], ['null'], ['"text"'], ['7']])('%s instead of an object is 400', async (body) => {
    expect((await post(body)).status).toBe(400);
  });

  it('that is missing altogether is 400', async () => {
    expect(
      (await notes.call('POST', '/v1/notes', { headers: { 'idempotency-key': crypto.randomUUID() } })).status,
    ).toBe(400);
  });
});

describe('an address', () => {
  it('with a bad query names the parameter', async () => {
    const refused = await notes.call('GET', '/v1/notes?limit=201&colour=red');
    expect(refused.body.errors?.map(({ field }) => field).sort()).toEqual(['colour', 'limit']);
  });

  it('with a forged cursor is 400', async () => {
    for (const cursor of [
      'xyz',
      Buffer.from('["a","b"]').toString('base64url'),
      Buffer.from('["not-a-uuid"]').toString('base64url'),
    ]) {
      expect(await notes.call('GET', `/v1/notes?cursor=${cursor}`)).toMatchObject({
        status: 400,
        body: { type: 'urn:isthmus:problem:bad-cursor' },
      });
    }
  });

  it('with something else than a UUID where one belongs is 400', async () => {
    expect(await notes.call('GET', '/v1/notes/17')).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'id' }] },
    });
  });

  it('with a NUL or broken escapes is 400, in problem+json', async () => {
    expect((await notes.call('GET', '/v1/notes/%00')).status).toBe(400);
    const broken = await notes.call('GET', '/v1/notes/%E0%A4%A');
    expect(broken.status).toBe(400);
    expect(broken.body.type).toBe('urn:isthmus:problem:bad-request');
  });

  it('that does not exist is 404, and with the wrong method 405 with Allow', async () => {
    expect(await notes.call('GET', '/v1/nothing')).toMatchObject({
      status: 404,
      body: { type: 'urn:isthmus:problem:not-found' },
    });
    const wrong = await notes.call('DELETE', '/v1/notes');
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'POST']);
  });

  it('asked for as something it is not is 406', async () => {
    expect((await notes.call('GET', '/v1/notes', { headers: { accept: 'text/html' } })).status).toBe(406);
    expect(
      (await notes.call('GET', '/v1/notes', { headers: { accept: 'text/html, application/json;q=0.5' } }))
        .status,
    ).toBe(200);
    expect((await notes.call('GET', '/v1/notes', { headers: { accept: '*/*' } })).status).toBe(200);
  });
});

describe('a change', () => {
  it('needs the current version in If-Match', async () => {
    const made = await post({ text: 'first' });
    const path = made.headers.get('location') ?? '';
    const change = (headers: Record<string, string>) =>
      notes.call('PATCH', path, { body: { text: 'second' }, headers });
    expect((await change({})).status).toBe(428);
    expect((await change({ 'if-match': '"7"' })).status).toBe(412);
    expect((await change({ 'if-match': 'W/garbage' })).status).toBe(412);
    const changed = await change({ 'if-match': '"1"' });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).toBe('"2"');
    expect(await change({ 'if-match': '"1"' })).toMatchObject({ status: 412, body: { currentVersion: 2 } });
  });
});

describe('errors of the inside', () => {
  it('say nothing of it to the client, and all of it to the log under the same correlation id', async () => {
    const failed = await notes.call('GET', '/v1/notes/broken', {
      headers: { 'x-correlation-id': 'caller-chosen-1' },
    });
    expect(failed.status).toBe(500);
    expect(JSON.stringify(failed.body)).not.toMatch(/inside|postgres/);
    expect(failed.body.correlationId).toBe('caller-chosen-1');
    expect(failed.headers.get('x-correlation-id')).toBe('caller-chosen-1');
    const line = notes
      .log()
      .split('\n')
      .find((one) => one.includes('caller-chosen-1') && one.includes('"level":"error"'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      correlationId: 'caller-chosen-1',
      err: { type: 'Error' },
    });
  });

  it('of the database are logged without the row that broke the rule', async () => {
    await notes.pool.query(`alter table notes add constraint no_shouting check (text not like 'LOUD%')`);
    expect((await post({ text: 'LOUD\n hunter2' })).status).toBe(500);
    expect(notes.log()).toContain('no_shouting');
    expect(notes.log()).not.toContain('hunter2');
  });

  it("of the domain get the status of the service's table", async () => {
    expect(await post({ text: 'locked' })).toMatchObject({
      status: 409,
      body: {
        type: 'urn:isthmus:problem:note.locked',
        title: 'Note locked',
        detail: 'the note is locked.',
        errors: [{ field: 'text', message: 'the note is locked.' }],
      },
    });
  });

  it('never give back a correlation id that could break a log line', async () => {
    const answered = await notes.call('GET', '/v1/notes', {
      headers: { 'x-correlation-id': 'a"b{}<script>' },
    });
    expect(answered.headers.get('x-correlation-id')).toMatch(/^[\da-f-]{36}$/);
  });
});

it('answers 400 in problem+json to a request that is not HTTP enough', async () => {
  const { port } = new URL(notes.url);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const sent = request(
      {
        port,
        host: '127.0.0.1',
        path: '/v1/notes',
        method: 'GET',
        headers: { 'x-long': 'x'.repeat(20_000) },
      },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      },
    );
    sent.on('error', reject).end();
  });
  expect(status).toBe(431);
});

describe('the headers of every response', () => {
  it.each([
    ['an answer', 'GET', '/v1/notes', 200],
    ['a command that is not valid', 'POST', '/v1/notes', 400],
    ['an unknown address', 'GET', '/nowhere', 404],
    ['a wrong method', 'DELETE', '/v1/notes', 405],
    ['a probe', 'GET', '/healthz/live', 200],
    ['an error of ours', 'GET', '/v1/notes/broken', 500],
  ])(
    'of %s keep a browser from guessing, framing, running, referring and storing',
    async (_, method, path, status) => {
      const { headers, ...answer } = await notes.call(method, path);
      expect(answer.status).toBe(status);
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
        'referrer-policy': 'no-referrer',
        'strict-transport-security': expect.stringMatching(/^max-age=\d{8}/),
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
    },
  );

  it('of the page of the API let its own scripts run, and its files be kept', async () => {
    const page = await notes.call('GET', '/docs', { headers: { accept: 'text/html' } });
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    const file = await notes.call('GET', '/docs/swagger-ui.css', { headers: { accept: 'text/css' } });
    expect(file.headers.get('cache-control')).toBe('public, max-age=86400');
  });
});
