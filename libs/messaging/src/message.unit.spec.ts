import { randomUUID } from 'node:crypto';
import { eventSubject } from '@isthmus/contracts';
import { InvalidEnvelope, plainHeaders, toHeaders, toMessage } from './message.ts';

const type = 'account-sync.sync-run-started.v1';
const tenantId = randomUUID();
const event = {
  id: randomUUID(),
  type,
  aggregateId: 'run-1',
  aggregateVersion: 2,
  tenantId,
  correlationId: 'c-1',
  traceparent: null,
  time: new Date('2026-01-02T03:04:05.678Z'),
};
const headers = plainHeaders(toHeaders(event, '/isthmus/account-sync', null));
const subject = eventSubject(type, tenantId);

it('is what was published', () => {
  expect(toMessage(subject, headers)).toMatchObject({
    type,
    id: event.id,
    subject: 'run-1',
    tenantId,
    correlationId: 'c-1',
    aggregateVersion: 2,
    time: '2026-01-02T03:04:05.678Z',
  });
});

it('is its tenant’s, however the header writes the id', () => {
  const upper = { ...headers, 'ce-tenantid': tenantId.toUpperCase() };
  expect(toMessage(subject, upper).tenantId).toBe(tenantId);
});

it.each([
  'ce-id',
  'ce-subject',
  'ce-type',
  'ce-tenantid',
  'ce-correlationid',
  'ce-aggregateversion',
  'ce-time',
])('is refused without %s', (name) => {
  const { [name]: _, ...rest } = headers;
  expect(() => toMessage(subject, rest)).toThrow(InvalidEnvelope);
});

it.each(['Nats-Stream', 'nats-stream'])('is refused when a stream republished it (%s)', (name) => {
  expect(() => toMessage(subject, { ...headers, [name]: 'WEBHOOKS' })).toThrow(/a stream republished it/);
});

it.each([
  ['of another tenant', eventSubject(type, randomUUID())],
  ['of another type', eventSubject('account-sync.sync-run-held.v1', tenantId)],
])('is refused under a subject %s', (_, other) => {
  expect(() => toMessage(other, headers)).toThrow(InvalidEnvelope);
});
