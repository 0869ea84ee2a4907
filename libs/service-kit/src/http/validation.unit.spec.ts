import { invalidInput } from './validation.ts';

const problemOf = (...errors: Parameters<typeof invalidInput>[0]): { detail: string; nextStep: string } => {
  const { detail, nextStep } = invalidInput(errors) as unknown as { detail: string; nextStep: string };
  return { detail, nextStep };
};

it('names the fields that are not valid', () => {
  expect(problemOf({ field: 'name', message: 'name is required' }).detail).toBe(
    '1 field(s) are not valid: name.',
  );
});

it('says what is wrong with a body that has no fields, such as a list', () => {
  expect(problemOf({ field: '', message: 'the body must be an object, not a list' })).toEqual({
    detail: 'The body is not valid: the body must be an object, not a list.',
    nextStep: 'Correct the body and send the request again.',
  });
});
