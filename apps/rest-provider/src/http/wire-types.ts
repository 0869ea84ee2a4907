import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsIn, IsOptional, IsString, Length } from 'class-validator';
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

/** A day or an instant as the contract writes it; .NET's "no date", year 1, is null. */
export const WireDate = (): PropertyDecorator =>
  Transform(({ value }) => (typeof value === 'string' && value.startsWith('0001-') ? null : value));
