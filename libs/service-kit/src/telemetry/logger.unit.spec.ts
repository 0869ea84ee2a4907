import { inspect } from 'node:util';
import { Writable } from 'node:stream';
import { createLogger, NestLogger } from './logger.ts';

let lines: string[];
let nest: NestLogger;
beforeEach(() => {
  lines = [];
  const destination = new Writable({ write: (chunk, _, done) => (lines.push(String(chunk)), done()) });
  nest = new NestLogger(createLogger('notes', 'info', destination));
});
const last = () => JSON.parse(lines.at(-1) ?? '{}');

it('writes one JSON line with level, time, service, context and message', () => {
  nest.log('It runs.', 'Starter');
  expect(last()).toMatchObject({ level: 'info', service: 'notes', context: 'Starter', message: 'It runs.' });
  expect(new Date(last().time).getTime()).toBeGreaterThan(0);
});

it('keeps an error with its causes, and the fields of an object', () => {
  nest.error('It failed.', new Error('outer', { cause: new Error('inner') }), 'Where');
  expect(last()).toMatchObject({ level: 'error', context: 'Where', err: { type: 'Error' } });
  expect(last().err.message).toBe('outer: inner');
  nest.warn({ message: 'slow', ms: 7 }, 'Where');
  expect(last()).toMatchObject({ level: 'warn', ms: 7, message: 'slow' });
});

it('drops what is below its level', () => {
  nest.debug('no');
  expect(lines).toEqual([]);
});

it.each([
  'authorization',
  'Authorization',
  'password',
  'subscriptionKey',
  'apiKey',
  'token',
  'secret',
  'X-Subscription-Key',
  'DATABASE_URL',
  'MIGRATION_DATABASE_URL',
  'ADMIN_DATABASE_URL',
  'cookie',
])('never writes %s, three levels deep or less', (name) => {
  nest.log({ [name]: 'hunter2' }, 'a');
  nest.log({ connector: { [name]: 'hunter2' } }, 'a');
  nest.log({ request: { headers: { [name]: 'hunter2' } } }, 'a');
  expect(lines).toHaveLength(3);
  expect(inspect(lines)).not.toContain('hunter2');
  expect(inspect(lines)).toContain('[secret]');
});
