import { CurrencyCode } from '@isthmus/domain';
import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { ValidateBy } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

const expected = 'three letters such as USD';

/** Three letters, in capitals however they were written; which of them are money today is not for us to know. */
export function IsCurrency(): PropertyDecorator {
  const validate = (value: unknown) => typeof value === 'string' && CurrencyCode.is(value);
  return applyDecorators(
    Transform(({ value: given }) => (typeof given === 'string' ? given.trim().toUpperCase() : given)),
    ValidateBy({
      name: 'isCurrency',
      validator: { validate, defaultMessage: () => `$property must be ${expected}` },
    }),
    JSONSchema({ type: 'string', pattern: '^[A-Z]{3}$', description: expected }),
  );
}
