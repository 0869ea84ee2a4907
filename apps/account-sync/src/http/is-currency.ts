import { CurrencyCode } from '@isthmus/domain';
import { applyDecorators } from '@nestjs/common';
import { ValidateBy } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

const expected = 'three letters such as USD';

/** Three capitals; which of them are money today is not for us to know. */
export function IsCurrency(): PropertyDecorator {
  const validate = (value: unknown) => typeof value === 'string' && CurrencyCode.is(value);
  return applyDecorators(
    ValidateBy({
      name: 'isCurrency',
      validator: { validate, defaultMessage: () => `$property must be ${expected}` },
    }),
    JSONSchema({ type: 'string', pattern: '^[A-Z]{3}$', description: expected }),
  );
}
