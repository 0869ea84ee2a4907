// Receives webhooks, verifies and prints them. It knows Standard Webhooks and the HTTP API, nothing else of Isthmus.
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const stackFile = process.env.STACK_FILE ?? new URL('../../.local/stack.json', import.meta.url);
const local = existsSync(stackFile) ? JSON.parse(readFileSync(stackFile, 'utf8')) : {};
const isthmus = process.env.ISTHMUS_URL ?? local.services?.webhooks;
const token = process.env.ISTHMUS_TOKEN ?? Object.values(local.tokens ?? {})[0]?.admin;
const port = Number(process.env.PORT ?? 8099);
/** Where Isthmus reaches this program: outside of a local try, an https address. */
const address = process.env.PUBLIC_URL ?? `http://127.0.0.1:${port}/isthmus`;
const eventTypes = (process.env.EVENT_TYPES ?? '*').split(',');

const secret = process.env.WEBHOOK_SECRET ?? (await register());
const webhook = new Webhook(secret);
/** A delivery may come twice, with the same id. A real receiver keeps the ids with what it did. */
const seen = new Set();

createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  let event;
  try {
    event = webhook.verify(body, request.headers);
  } catch (error) {
    console.error(`Refused a request: ${error.message}`);
    return response.writeHead(400).end();
  }
  // Answer at once and work afterwards: an answer that takes 15 seconds counts as none.
  response.writeHead(204).end();
  if (seen.has(event.id)) return;
  seen.add(event.id);
  console.log(
    [event.time, event.type, event.subject, `v${event.aggregateversion}`, JSON.stringify(event.data)].join(
      '  ',
    ),
  );
}).listen(port, () => console.log(`Receiving at ${address}.`));

/** Returns the secret of an endpoint with our address: a new one each time, as none can be read again. */
async function register() {
  if (!isthmus || !token) {
    console.error(
      'Set ISTHMUS_URL and ISTHMUS_TOKEN (of an admin), or WEBHOOK_SECRET of an existing endpoint.',
    );
    process.exit(2);
  }
  const { data } = await call('GET', '/v1/webhook-endpoints?limit=200');
  const known = data.find(({ url }) => url === address);
  const made = known
    ? await call('POST', `/v1/webhook-endpoints/${known.id}/rotate-secret`)
    : await call('POST', '/v1/webhook-endpoints', {
        url: address,
        description: 'webhook-receiver',
        eventTypes,
      });
  return made.secret;
}

async function call(method, path, body) {
  const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
  const response = await fetch(isthmus + path, { method, headers, body: body && JSON.stringify(body) });
  if (!response.ok)
    throw new Error(`${method} ${path} returned ${response.status}: ${await response.text()}`);
  return response.json();
}
