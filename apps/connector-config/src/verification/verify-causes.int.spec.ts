import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { defaultAccounts, startSimulator, type RunningSimulator } from '@isthmus/cmp-simulator';
import {
  goodConnector,
  startConnectorConfig,
  startMs,
  type Caller,
  type Started,
} from '../../test/service.fixture.ts';
import { oddServer, selfSigned, type OddServer } from '../../test/odd-server.fixture.ts';

// Long enough that a busy machine finds the other causes first.
const deadlineMs = 10_000;
let started: Started;
let simulator: RunningSimulator;
let operator: Caller;

const answers =
  (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };
/** Gives the token; what comes after is up to the case. */
const afterToken =
  (then: RequestListener): RequestListener =>
  (request, response) => {
    if (!request.url?.endsWith('/token')) return then(request, response);
    response.setHeader('content-type', 'application/json').end('{"token":"t","expiresInSeconds":1500}');
  };
const never: RequestListener = () => undefined;
const html = { 'content-type': 'text/html' };

/** Settings that the simulator accepts, but for what the case changes. */
const settings: Record<string, [change: object, cause: string, field: string]> = {
  'a wrong password': [{ password: 'wrong' }, 'password', 'password'],
  'a wrong user name': [{ username: 'nobody.api' }, 'password', 'password'],
  'a wrong subscription key': [{ subscriptionKey: '0'.repeat(32) }, 'subscription-key', 'subscriptionKey'],
  'a wrong marketplace': [{ marketplace: 'xx' }, 'marketplace', 'marketplace'],
  'a wrong country': [{ country: 'DE', currency: 'USD' }, 'marketplace', 'country'],
  'another currency than that of the prices': [{ currency: 'EUR' }, 'currency', 'currency'],
  'the account id of somebody else': [{ accountId: '4711' }, 'account-id', 'accountId'],
  'a host that does not exist': [{ apiUrl: 'https://cmp.invalid/marketplace/na' }, 'dns', 'apiUrl'],
};
/** Servers that are not CMP, or not as CMP should be. */
const servers: Record<string, [answer: RequestListener, cause: string, field?: string]> = {
  'a web page': [answers(200, '<!doctype html><title>Home</title>', html), 'wrong-url', 'apiUrl'],
  'a redirect': [answers(307, '', { location: 'https://elsewhere.invalid/' }), 'wrong-url', 'apiUrl'],
  'another API': [answers(404, '{"error":"no such route"}'), 'wrong-url', 'apiUrl'],
  'too many requests': [
    answers(429, '{"statusCode":429,"message":"Rate limit"}', { 'retry-after': '30' }),
    'throttled',
  ],
  'a service that is unavailable': [answers(503, '{"message":"Service unavailable"}'), 'cmp-down'],
  silence: [never, 'timeout'],
  'a token, then a refusal': [afterToken(answers(403, '{"message":"Access denied"}')), 'no-permission'],
  'a token, then silence': [afterToken(never), 'timeout'],
  'a token, then a bad gateway': [afterToken(answers(502, '<html>Bad gateway</html>', html)), 'cmp-down'],
};

interface Outcome {
  status: number;
  body: {
    ok: boolean;
    steps: { ok: boolean; cause?: string; field?: string; detail: string; mend: string }[];
  };
}
const outcomes = new Map<string, Promise<Outcome>>();
const open: OddServer[] = [];

const verify = async (body: object): Promise<Outcome> => {
  const { status, body: answer } = await operator('POST', '/v1/connectors/verify', body);
  return { status, body: answer };
};
/** A key per server: the wait that one asks for must hold back nobody else. */
const at = async (answer: RequestListener, tls?: typeof selfSigned) => {
  const server = await oddServer(answer, tls);
  open.push(server);
  return {
    server,
    body: goodConnector({ apiUrl: server.url, subscriptionKey: randomBytes(16).toString('hex') }),
  };
};

// All at once, as several of them take as long as a verification may.
beforeAll(async () => {
  [started, simulator] = await Promise.all([
    startConnectorConfig({ ALLOW_PRIVATE_ADDRESSES: 'yes', VERIFY_DEADLINE_MS: String(deadlineMs) }),
    startSimulator(),
  ]);
  operator = await started.as('operator');
  const { username, password, subscriptionKey, accountId } = defaultAccounts[0];
  const good = { username, password, subscriptionKey, accountId, apiUrl: simulator.apiUrl };
  for (const [name, [change]] of Object.entries(settings)) {
    outcomes.set(name, verify(goodConnector({ ...good, ...change })));
  }
  for (const [name, [answer]] of Object.entries(servers)) outcomes.set(name, verify((await at(answer)).body));
}, startMs);
afterAll(async () => {
  await Promise.allSettled(outcomes.values());
  await Promise.all(open.map((server) => server.close()));
  await started.stop();
  await simulator.close();
}, startMs);

const expectCause = ({ status, body }: Outcome, cause: string, field?: string) => {
  const failed = body.steps.filter(({ ok }) => !ok);
  const words = expect.stringMatching(/\w.*\./);
  expect([status, body.ok, failed]).toMatchObject([200, false, [{ cause, detail: words, mend: words }]]);
  expect(failed[0]?.field).toBe(field);
};

describe('Verify Connectivity names the cause, the field to mend and what to do for', () => {
  it.each(Object.entries(settings))('%s', async (name, [, cause, field]) => {
    expectCause((await outcomes.get(name))!, cause, field);
  });

  it.each(Object.entries(servers))('%s', async (name, [, cause, field]) => {
    expectCause((await outcomes.get(name))!, cause, field);
  });

  it('a certificate that nobody vouches for, to which it sends nothing', async () => {
    const { server, body } = await at(answers(200, '{}'), selfSigned);
    expectCause(await verify(body), 'tls', 'apiUrl');
    expect(server.requests).toEqual([]);
  });

  it('a port where nobody listens', async () => {
    const { server, body } = await at(answers(200, '{}'));
    await server.close();
    expectCause(await verify(body), 'cmp-down');
  });
});

it('a redirect is not followed, so that the secrets stay where they were sent', async () => {
  const elsewhere = await at(answers(200, '{}'));
  const { body } = await at(answers(307, '', { location: elsewhere.server.url }));
  expectCause(await verify(body), 'wrong-url', 'apiUrl');
  expect(elsewhere.server.requests).toEqual([]);
});
