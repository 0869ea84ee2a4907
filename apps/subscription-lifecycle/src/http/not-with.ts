import { ValidateBy, type ValidationArguments } from 'class-validator';

/** The field says what these say too: they have to be left out beside it. */
export const NotWith = (...others: string[]): PropertyDecorator =>
  ValidateBy({
    name: 'notWith',
    validator: {
      validate: (_, given) => present(others, given).length === 0,
      defaultMessage: (given) =>
        `${given?.property} says ${present(others, given).join(' and ')} already; leave out one of them`,
    },
  });

const present = (names: readonly string[], given?: ValidationArguments): string[] =>
  names.filter((name) => (given?.object as Record<string, unknown>)[name] !== undefined);
