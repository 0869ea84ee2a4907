import { Webhook } from 'standardwebhooks';
import { isKnownEvent, NotSigned, unwrap } from './webhooks.ts';

const secretOf = (text: string) => `whsec_${Buffer.from(text.padEnd(32, '.')).toString('base64')}`;
const old = secretOf('old');
const fresh = secretOf('fresh');
const event = {
  specversion: '1.0',
  id: 'e-1',
  source: '/isthmus/webhooks',
  type: 'webhooks.endpoint-disabled.v1',
  time: '2026-11-27T10:00:00.000Z',
  subject: 's-1',
  tenantid: 't-1',
  correlationid: 'c-1',
  aggregateversion: 3,
  data: { endpointId: 's-1', host: 'example.org', reason: 'gone' },
};
const body = JSON.stringify(event);

function signed(secret: string, at = new Date(), text = body) {
  return {
    'webhook-id': event.id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(event.id, at, text),
  };
}

it('returns the event of a webhook that was signed with one of the secrets', () => {
  expect(unwrap(body, signed(old), old)).toEqual(event);
  expect(unwrap(Buffer.from(body), new Headers(signed(old)), [fresh, old])).toEqual(event);
  const shouted = Object.fromEntries(
    Object.entries(signed(fresh)).map(([name, value]) => [name.toUpperCase(), value]),
  );
  expect(unwrap(body, shouted, [fresh, old])).toEqual(event);
});

it.each<[string, () => unknown]>([
  ['another secret', () => unwrap(body, signed(fresh), old)],
  ['a changed body', () => unwrap(body.replace('gone', 'done'), signed(old), old)],
  ['the body printed again', () => unwrap(JSON.stringify(event, undefined, 1), signed(old), old)],
  ['an old message', () => unwrap(body, signed(old, new Date(Date.now() - 600_000)), old)],
  ['no signature', () => unwrap(body, {}, old)],
  ['no secret', () => unwrap(body, signed(old), [])],
])('refuses %s', (_, receive) => {
  expect(receive).toThrow(NotSigned);
});

it('knows the types of events that there are', () => {
  expect(isKnownEvent(event)).toBe(true);
  expect(isKnownEvent({ type: 'webhooks.endpoint-forgotten.v9' })).toBe(false);
});
