import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Allow,
  ApiResponse,
  Consumes,
  CurrentUser,
  Principal,
  Produces,
  sse,
  withEtag,
} from '@isthmus/service-kit';
import { eventually, send } from '@isthmus/testing';
import { Body, Controller, Get, Header, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { rawGet } from '@isthmus/testing';
import { programToken, runGateway, type RunningGateway, type SignedIn } from '../../test/gateway.fixture.ts';

/** What the service has seen of its requests. */
const seen: { url: string; headers: Record<string, unknown>; subject: string }[] = [];
let bytes = 0;
/** Streams of events that are open in the service. */
let streams = 0;

async function* ticks(): AsyncGenerator<{ id: string; data: object }> {
  streams += 1;
  try {
    for (let n = 1; ; n += 1) {
      yield { id: String(n), data: { n } };
      await sleep(200);
    }
  } finally {
    streams -= 1;
  }
}

@Allow('viewer')
@Controller('v1/orders')
class Orders {
  @Get()
  list(
    @CurrentUser() { subject }: Principal,
    @Req() { url, headers }: FastifyRequest,
    @Query() query: object,
  ): object {
    seen.push({ url, headers, subject });
    return { data: [query], nextCursor: null };
  }

  @Allow('operator')
  @Post()
  place(@Body() body: object, @CurrentUser() { subject }: Principal): ApiResponse {
    return ApiResponse.accepted('/v1/orders/7', { body, subject }, { 'x-of-service': 'yes' });
  }

  @Get('file')
  @Produces('text/csv')
  @Header('content-type', 'text/csv; charset=utf-8')
  file(): string {
    return 'a,b\r\n1,2\r\n';
  }

  @Get('progress')
  @Produces('text/event-stream')
  progress(@Res() reply: FastifyReply): Promise<void> {
    return sse(reply, ticks());
  }

  @Allow('operator')
  @Post('import')
  @Consumes('text/csv')
  async take(@Req() { body }: FastifyRequest): Promise<object> {
    bytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) bytes += chunk.length;
    return { bytes };
  }

  @Get(':id')
  read(@Param('id') id: string): ApiResponse {
    return withEtag({ id }, 7);
  }
}

let gateway: RunningGateway;
let person: SignedIn;
/** A service that never responds, except that it opens a stream of which it says nothing for a while. */
let silent: Server;
const pauseMs = 3_500;
const behave = ({ url }: IncomingMessage, response: ServerResponse) => {
  if (!url!.endsWith('/stream')) return;
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n');
  setTimeout(() => response.write('data: late\n\n'), pauseMs);
};

beforeAll(async () => {
  silent = createServer(behave).listen(0, '127.0.0.1');
  await new Promise((listening) => silent.once('listening', listening));
  gateway = await runGateway({ env: { PROXY_BODY_LIMIT: '4000000', PROXY_TIMEOUT_MS: '1500' } });
  await gateway.serve('subscription-lifecycle', Orders);
  person = await gateway.signedIn();
});
afterAll(async () => {
  silent.closeAllConnections();
  silent.close();
  await gateway.stop();
});

/** A gateway whose webhooks is the silent one. */
function beforeSilent() {
  const { port } = silent.address() as AddressInfo;
  const services = JSON.parse(gateway.env.SERVICE_URLS!) as Record<string, string>;
  const SERVICE_URLS = JSON.stringify({ ...services, webhooks: `http://127.0.0.1:${port}` });
  return gateway.replica({ PORT: '0', SERVICE_URLS });
}

describe('a request', () => {
  it("arrives as the person's, with its query, and without what is between the browser and us", async () => {
    const { status, json } = await person.call('GET', '/v1/orders?status=unknown&q=a%20b%26c', undefined, {
      'x-forwarded-for': '198.51.100.7',
      'x-correlation-id': 'correlation-of-the-page',
      'accept-language': 'de',
    });
    expect([status, json.data]).toEqual([200, [{ status: 'unknown', q: 'a b&c' }]]);
    const { headers, subject, url } = seen.at(-1)!;
    expect([subject, url]).toEqual(['admin@contoso.example', '/v1/orders?status=unknown&q=a%20b%26c']);
    expect(headers).toMatchObject({ 'accept-language': 'de', 'x-correlation-id': 'correlation-of-the-page' });
    expect(headers['x-forwarded-for']).toBe('127.0.0.1');
    for (const name of ['cookie', 'x-csrf']) expect(headers).not.toHaveProperty(name);
  });

  it('gets the response as it is', async () => {
    const placed = await person.call('POST', '/v1/orders', { kind: 'create', seats: 3 });
    expect(placed).toMatchObject({ status: 202, json: { body: { kind: 'create', seats: 3 } } });
    expect(placed.headers.get('location')).toBe('/v1/orders/7');
    expect(placed.headers.get('x-of-service')).toBe('yes');
    const one = await person.call('GET', '/v1/orders/7');
    expect([one.json, one.headers.get('etag')]).toEqual([{ id: '7' }, '"7"']);
    const file = await person.call('GET', '/v1/orders/file', undefined, { accept: 'text/csv' });
    expect([file.text, file.headers.get('content-type')]).toEqual([
      'a,b\r\n1,2\r\n',
      'text/csv; charset=utf-8',
    ]);
  });

  it("gets the service's refusals as they are", async () => {
    const viewer = await gateway.signedIn('Contoso CSP: viewer');
    const refused = await viewer.call('POST', '/v1/orders', {});
    expect(refused).toMatchObject({ status: 403, json: { detail: 'This requires the role "operator".' } });
    const unknown = await person.call('GET', '/v1/orders/7/nothing');
    expect(unknown).toMatchObject({ status: 404, json: { type: 'urn:isthmus:problem:not-found' } });
  });

  it('of a program is passed on with its token', async () => {
    const listed = await gateway.call('GET', '/v1/orders', { as: { sub: 'script', roles: ['viewer'] } });
    expect([listed.status, seen.at(-1)!.subject]).toEqual([200, 'script']);
    const own = await send('GET', `${gateway.origin}/v1/orders`, undefined, {
      authorization: `Bearer ${await programToken(gateway.identity.issuer)}`,
    });
    expect([own.status, seen.at(-1)!.subject]).toEqual([200, 'job']);
  });

  it('of nobody does not reach the service', async () => {
    const before = seen.length;
    expect((await gateway.call('GET', '/v1/orders', { as: null })).status).toBe(401);
    expect((await gateway.call('GET', '/v1/orders', { as: { expiresIn: -60 } })).status).toBe(401);
    expect(seen.length).toBe(before);
  });

  it.each(['/v1/nothing', '/v1', '/v1/', '/v1/%6frders', '/v1/constructor', '/v1/__proto__'])(
    'to %s is 404: no service has it',
    async (path) => {
      const { status, json } = await person.call('GET', path, undefined, { accept: 'application/json' });
      expect([status, json.type]).toEqual([404, 'urn:isthmus:problem:not-found']);
    },
  );

  it('does not leave its resource', async () => {
    const headers = { authorization: `Bearer ${await gateway.token()}`, accept: 'application/json' };
    for (const path of [
      '/v1/orders/../audit',
      '/v1/orders/%2e%2e/healthz/live',
      '/v1/orders//healthz/live',
    ]) {
      const { status } = await rawGet(gateway.origin, path, headers);
      expect([path, status]).toEqual([path, 404]);
    }
  });
});

describe('a body', () => {
  const upload = async (body: Uint8Array | ReadableStream, headers: Record<string, string> = {}) =>
    fetch(`${gateway.origin}/v1/orders/import`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv', authorization: `Bearer ${await gateway.token()}`, ...headers },
      body: body as RequestInit['body'],
      duplex: 'half',
    } as RequestInit);

  it('of any kind is passed on unread', async () => {
    const response = await upload(new Uint8Array(150_000));
    expect([response.status, await response.json()]).toEqual([201, { bytes: 150_000 }]);
  });

  it('that is too large for its service is refused as the service says, whatever is still on its way', async () => {
    const seen = new Set<string>();
    for (let n = 0; n < 5; n += 1) {
      const { status, json } = await person.call('POST', '/v1/orders', { text: 'x'.repeat(3_000_000) });
      seen.add(`${status} ${json.type}`);
    }
    expect([...seen]).toEqual(['413 urn:isthmus:problem:body-too-large']);
  });

  it('that is too large is refused, whether it says so or not', async () => {
    expect((await upload(new Uint8Array(4_000_001))).status).toBe(413);
    let left = 30;
    const endless = new ReadableStream({
      pull: (stream) => void (left-- > 0 ? stream.enqueue(new Uint8Array(200_000)) : stream.close()),
    });
    expect((await upload(endless)).status).toBe(413);
  });
});

describe('a service', () => {
  it('that is down is a problem, not a wait', async () => {
    const began = Date.now();
    const { status, json, headers } = await person.call('GET', '/v1/connectors');
    expect(Date.now() - began).toBeLessThan(2_500);
    expect([status, headers.get('retry-after')]).toEqual([503, '2']);
    expect(json).toMatchObject({
      type: 'urn:isthmus:problem:service-unavailable',
      service: 'connector-config',
    });
  });

  it('that does not respond is a problem in time', async () => {
    const other = await beforeSilent();
    const authorization = `Bearer ${await gateway.token()}`;
    const { status, body } = await send('POST', `${other.url}/v1/webhook-endpoints`, {}, { authorization });
    expect([status, body.service]).toEqual([504, 'webhooks']);
  });

  it('that comes back is used at once', async () => {
    expect((await person.call('GET', '/v1/products')).status).toBe(503);
    @Allow('viewer')
    @Controller('v1/products')
    class Products {
      @Get()
      list(): object {
        return { data: [] };
      }
    }
    const started = await gateway.serve('product-catalog', Products);
    expect((await person.call('GET', '/v1/products')).status).toBe(200);
    await started.close();
    expect((await person.call('GET', '/v1/products')).status).toBe(503);
  });
});

describe('a stream of events', () => {
  const open = async (address = `${gateway.origin}/v1/orders/progress`) => {
    const cookie = `isthmus_session=${person.browser.cookies.get('isthmus_session')}`;
    const leave = new AbortController();
    const headers = { cookie, accept: 'text/event-stream' };
    const response = await fetch(address, { headers, signal: leave.signal });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    return { response, reader, leave: () => leave.abort() };
  };

  it('arrives as it happens, longer than a response may take, and ends when the client leaves', async () => {
    const { response, reader, leave } = await open();
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const began = Date.now();
    let text = '';
    const times: number[] = [];
    // PROXY_TIMEOUT_MS is 1.5 s here.
    while (!text.includes('id: 12\n')) {
      const before = text.split('id: ').length;
      text += (await reader.read()).value;
      if (text.split('id: ').length > before) times.push(Date.now() - began);
    }
    expect(times.length).toBeGreaterThan(10);
    expect(times[0]).toBeLessThan(times.at(-1)! - 1_000);
    expect(streams).toBe(1);
    leave();
    await eventually(() => streams === 0);
  });

  it('ends soon after its session, in a process that knows nothing of the sign-out; a program has none', async () => {
    const other = await gateway.replica({ PORT: '0' });
    const leaving = await gateway.signedIn();
    const cookie = `isthmus_session=${leaving.browser.cookies.get('isthmus_session')}`;
    const authorization = `Bearer ${await gateway.token()}`;
    const opened = async (headers: Record<string, string>) => {
      const { body } = await fetch(`${other.url}/v1/orders/progress`, {
        headers: { accept: 'text/event-stream', ...headers },
      });
      return body!.getReader();
    };
    const [ofPerson, ofProgram] = [await opened({ cookie }), await opened({ authorization })];
    expect((await ofPerson.read()).done).toBe(false);
    expect((await leaving.call('POST', '/auth/logout')).status).toBe(200);
    const end = async () => {
      while (!(await ofPerson.read()).done);
      return 'ended';
    };
    expect(await Promise.race([end(), sleep(15_000)])).toBe('ended');
    expect((await ofProgram.read()).done).toBe(false);
    await ofProgram.cancel();
    await eventually(() => streams === 0);
  });

  it('may be silent for longer than a response may take, and ends in good order when the gateway is stopped', async () => {
    const other = await beforeSilent();
    const { reader } = await open(`${other.url}/v1/webhook-endpoints/stream`);
    let text = '';
    while (!text.includes('late')) text += (await reader.read()).value;
    const closing = other.close();
    for (let end = false; !end;) end = (await reader.read()).done;
    await closing;
  });
});
