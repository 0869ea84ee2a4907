import { DomainError } from './domain-error.ts';

class NameTaken extends DomainError {
  static override readonly code = 'thing.name-taken';
  constructor(name: string, options?: ErrorOptions) {
    super(`There is already a thing named "${name}".`, {
      nextStep: 'Choose another name.',
      fields: ['name'],
      ...options,
    });
  }
}

class ReportBroken extends DomainError {
  constructor(code: 'report.empty' | 'report.cut') {
    super('The report cannot be used.', { code });
  }
}

it('has the name and the code of its class, its message and what to do next', () => {
  const error = new NameTaken('box');
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: 'NameTaken',
    code: NameTaken.code,
    message: 'There is already a thing named "box".',
    nextStep: 'Choose another name.',
  });
});

it('says at each field it is about what it says as a whole', () => {
  expect(new NameTaken('box').errors).toEqual([
    { field: 'name', message: 'There is already a thing named "box". Choose another name.' },
  ]);
});

it('passes its cause on', () => {
  const cause = new Error('duplicate key');
  expect(new NameTaken('box', { cause }).cause).toBe(cause);
  expect('cause' in new NameTaken('box')).toBe(false);
});

it('takes a code where that varies within a class, and has no member that was not given', () => {
  const error = new ReportBroken('report.cut');
  expect(error.code).toBe('report.cut');
  expect(Object.keys(error).sort()).toEqual(['code', 'name']);
});
