import { CurrencyCode } from '@isthmus/domain';
import { applyDecorators } from '@nestjs/common';
import { ValidateBy } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';

const expected = 'an ISO 4217 code such as USD';

/** ISO 4217, capitals. */
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
