import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsIn, IsISO8601, IsOptional, IsString, Length, ValidateBy } from 'class-validator';
import { readEnum, type WireEnum } from '../domain/wire-enums.ts';

/** A member of an enumeration of the contract, as number, number in text or name; null and absent are the same. */
export const WireEnumMember = (members: WireEnum): PropertyDecorator =>
  applyDecorators(
    IsOptional(),
    Transform(({ value }) => readEnum(members, value)),
    IsIn(Object.values(members), {
      message: `$property must be one of ${Object.entries(members)
        .map(([name, number]) => `${number} (${name})`)
        .join(', ')}`,
    }) as PropertyDecorator,
  );

/** A text that may be null or absent; blanks around it do not count, and nothing but blanks is absent. */
export const WireText = (longest: number): PropertyDecorator =>
  applyDecorators(
    IsOptional(),
    Transform(({ value }) => (typeof value === 'string' ? value.trim() || null : value)),
    IsString() as PropertyDecorator,
    Length(1, longest) as PropertyDecorator,
  );

const instant = /^[12]\d{3}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** A day or an instant that is kept: one that exists, in the contract's own form; ISO 8601 has others, such as weeks. */
export const WireInstant = (): PropertyDecorator =>
  applyDecorators(
    WireDate(),
    IsISO8601({ strict: true }) as PropertyDecorator,
    ValidateBy({
      name: 'wireInstant',
      validator: {
        validate: (value) =>
          typeof value === 'string' && instant.test(value) && !Number.isNaN(Date.parse(value)),
        defaultMessage: () =>
          '$property must be a day or an instant such as 2026-01-31 or 2026-01-31T10:15:00Z',
      },
    }),
  );

/** The instant of a text that is one; without a zone it is UTC, wherever this runs. */
export const instantOf = (text: string): Date =>
  new Date(/T.*(Z|[+-]\d\d:\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`);

/** A day or an instant as the contract writes it; .NET's "no date", year 1, is null. */
export const WireDate = (): PropertyDecorator =>
  Transform(({ value }) => (typeof value === 'string' && value.startsWith('0001-') ? null : value));
