import { OrNull } from '@isthmus/service-kit';
import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsIn, IsISO8601, IsOptional, IsString, Length, ValidateBy } from 'class-validator';
import { parseEnumMember, type WireEnum } from './enums.ts';

/** A member of an enumeration of the contract, as number, number in text or name; null and absent are the same. */
export const WireEnumMember = (members: WireEnum): PropertyDecorator =>
  applyDecorators(
    IsOptional(),
    Transform(({ value }) => parseEnumMember(members, value)),
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

/** A date or date-time to store: an existing one, in the API's own form; ISO 8601 has others, such as weeks. */
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
          '$property must be a date or a date-time such as 2026-01-31 or 2026-01-31T10:15:00Z',
      },
    }),
  );

/** The instant that a valid text stands for; without a zone it is UTC, wherever this runs. */
export const toInstant = (text: string): Date =>
  new Date(/T.*(Z|[+-]\d\d:\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`);

/** A date or date-time in the API's form; .NET's "no date", year 1, is null. */
export const WireDate = (): PropertyDecorator =>
  Transform(({ value }) => (typeof value === 'string' && value.startsWith('0001-') ? null : value));

/** The contract's ModelRef. */
export class ModelRef {
  @OrNull() @IsString() id!: string | null;
  @OrNull() @IsString() name!: string | null;
}

/** The API's Model: the fields of every entity. Times are UTC; unknown ones are null. */
export class Model extends ModelRef {
  @OrNull() @IsISO8601() createdOn!: string | null;
  @OrNull() @IsISO8601() modifiedOn!: string | null;
}

/** An entity as a client sends it, without its id, which some bodies require. */
export class SentWithoutId {
  @WireText(500) name?: string | null;
  @WireDate() @IsOptional() @IsISO8601() createdOn?: string | null;
  @WireDate() @IsOptional() @IsISO8601() modifiedOn?: string | null;
}

/** An entity as a client sends it. */
export class SentModel extends SentWithoutId {
  @WireText(50) id?: string | null;
}

/** Parts of an entity have none of these. */
export const emptyModel: Model = { id: null, name: null, createdOn: null, modifiedOn: null };
