import { Webhook } from 'standardwebhooks';
import { cloudEventText, requestHeaders, signature } from './webhook-message.ts';
import { newSigningSecret } from '../endpoints/endpoint.entity.ts';

const body = cloudEventText({
  id: '0f8fad5b-d9cb-469f-a165-70867728950e',
  source: '/isthmus/account-sync',
  type: 'account-sync.sync-run-started.v1',
  time: new Date('2026-11-22T12:00:00Z'),
  subject: 'a "quoted" subject',
  tenantId: '11111111-1111-4111-8111-111111111111',
  correlationId: 'c',
  aggregateVersion: 3,
  traceparent: null,
  data: '{"name":"Zoë\\n","nothing":null}',
});
const sent = (secrets: string[], at = new Date()) => ({
  ...requestHeaders('0f8fad5b-d9cb-469f-a165-70867728950e', at),
  'webhook-signature': signature(secrets, '0f8fad5b-d9cb-469f-a165-70867728950e', at, body),
});

it('is verified by a receiver that knows either of two secrets, and by no other', () => {
  const [old, recent, strange] = [newSigningSecret(), newSigningSecret(), newSigningSecret()];
  const headers = sent([recent, old]);
  for (const secret of [old, recent]) {
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({
      specversion: '1.0',
      subject: 'a "quoted" subject',
      aggregateversion: 3,
      data: { name: 'Zoë\n', nothing: null },
    });
  }
  expect(() => new Webhook(strange).verify(body, headers)).toThrow('No matching signature');
  expect(() => new Webhook(old).verify(body.replace('Zoë', 'Zoe'), headers)).toThrow('No matching signature');
});

it('is refused when it is old', () => {
  const secret = newSigningSecret();
  expect(() => new Webhook(secret).verify(body, sent([secret], new Date(Date.now() - 600_000)))).toThrow(
    'too old',
  );
});

it('makes secrets of 32 bytes, none like another', () => {
  const secrets = Array.from({ length: 50 }, newSigningSecret);
  expect(new Set(secrets).size).toBe(50);
  for (const secret of secrets) expect(Buffer.from(secret.replace('whsec_', ''), 'base64')).toHaveLength(32);
});
