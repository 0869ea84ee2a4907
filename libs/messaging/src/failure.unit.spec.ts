import { failureKind } from './failure.ts';

const coded = (code: string, cause?: unknown) =>
  Object.assign(new Error(`failed with ${code}`, { cause }), { code });

it.each([
  ['the server is shutting down', coded('57P01')],
  ['the connection failed', coded('08006')],
  ['nothing listens there', coded('ECONNREFUSED')],
  ['the ORM wraps the reason', coded('whatever', coded('57P03'))],
  ['node-postgres lost its connection', new Error('Connection terminated unexpectedly')],
  ['another service did not answer', coded('request.timeout')],
])('waits when %s', (_, error) => {
  expect(failureKind(error)).toBe('unavailable');
});

it.each([
  ['an out-of-range number', coded('22003')],
  ['a NUL character in a literal', coded('22021')],
  ['a NUL character in a bound value', coded('08P01')],
])('gives up at once over %s', (_, error) => {
  expect(failureKind(error)).toBe('unstorable');
});

it.each([
  ['a violated unique key, which may be a race', coded('23505')],
  ['a domain error', coded('order.illegal-transition')],
  ['what is not even an error', 'oops'],
])('tries again after %s', (_, error) => {
  expect(failureKind(error)).toBe('other');
});
