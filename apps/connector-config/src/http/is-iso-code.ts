import { ValidateBy } from 'class-validator';
import { JSONSchema } from 'class-validator-jsonschema';
import { CountryCode, CurrencyCode } from '@isthmus/domain';
import { applyDecorators } from '@nestjs/common';

/** ISO 3166-1 alpha-2, capitals. */
export function IsCountryCode(): PropertyDecorator {
  return isoCode('isCountryCode', CountryCode.is, 'an ISO 3166-1 alpha-2 code such as US', '^[A-Z]{2}$');
}

/** Three capitals; which of them are money today is not for us to know. */
export function IsCurrencyCode(): PropertyDecorator {
  return isoCode('isCurrencyCode', CurrencyCode.is, 'three letters such as USD', '^[A-Z]{3}$');
}

function isoCode(
  name: string,
  is: (text: string) => boolean,
  expected: string,
  pattern: string,
): PropertyDecorator {
  return applyDecorators(
    ValidateBy({
      name,
      validator: {
        validate: (value) => typeof value === 'string' && is(value),
        defaultMessage: () => `$property must be ${expected}`,
      },
    }),
    JSONSchema({ type: 'string', pattern, description: expected }),
  );
}
