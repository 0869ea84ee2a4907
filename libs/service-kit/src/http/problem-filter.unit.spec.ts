import { DomainError } from '@isthmus/domain';
import { NatsUnavailable, NoResponse, RequestRefused } from '@isthmus/messaging';
import { toProblem } from './problem-filter.ts';

class SecretNeededAgain extends DomainError {
  static override readonly code = 'thing.secret-needed-again';
}

const table = { statuses: { [SecretNeededAgain.code]: 422, 'thing.gone': 410 }, databasePort: 5432 };

it('shows the field errors, the details and the title of a domain error', () => {
  const error = new SecretNeededAgain('The stored password is not used.', {
    nextStep: 'Enter it again.',
    title: 'Secrets are required again',
    fields: ['password'],
    details: { offer: 'another account' },
  });
  expect(toProblem(error, table)).toMatchObject({
    status: 422,
    type: 'urn:isthmus:problem:thing.secret-needed-again',
    title: 'Secrets are required again',
    detail: 'The stored password is not used.',
    nextStep: 'Enter it again.',
    errors: [{ field: 'password', message: 'The stored password is not used. Enter it again.' }],
    more: { offer: 'another account' },
    cause: error,
  });
});

it('makes the title of a domain error of its name, and lists no fields it is not about', () => {
  const problem = toProblem(new SecretNeededAgain('No.'), table);
  expect(problem.title).toBe('Secret needed again');
  expect([problem.errors, problem.more, problem.nextStep]).toEqual([undefined, undefined, undefined]);
});

it('answers 500 without a word of the inside to a domain error whose code has no status', () => {
  const problem = toProblem(new SecretNeededAgain('inside', { code: 'thing.unlisted' }), table);
  expect(problem).toMatchObject({ status: 500, detail: undefined, errors: undefined });
});

it('shows only code, name, message and next step of an error that merely looks like one', () => {
  const error = Object.assign(new Error('It is gone.'), { code: 'thing.gone', errors: [{ secret: 1 }] });
  expect(toProblem(error, table)).toMatchObject({ status: 410, detail: 'It is gone.', errors: undefined });
});

it.each([
  [new RequestRefused('rpc.x.do-y', 'thing.gone', 'It is gone.', 'Look elsewhere.'), 410, 'Request rejected'],
  [new NoResponse('rpc.x.do-y', 'request.timeout'), 504, 'No response'],
  [new NatsUnavailable('x'), 503, 'NATS unavailable'],
])('keeps the published title of %s, whatever its class is called', (error, status, title) => {
  const { code, nextStep } = error;
  expect(toProblem(error, table)).toMatchObject({
    status,
    title,
    type: `urn:isthmus:problem:${code}`,
    nextStep,
  });
});
