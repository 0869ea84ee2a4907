import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsString, Length, Matches } from 'class-validator';
import { CountryCode } from '@isthmus/domain';
import { IsCountryCode, IsCurrencyCode } from './is-iso-code.ts';

// What each of the seed's fields may hold; said once for every body that has it.

const noControls = Matches(/^\P{Cc}*$/u, { message: '$property must not have control characters' });

const Trimmed = () => Transform(({ value }) => (typeof value === 'string' ? value.trim() : value));
const Capitals = () =>
  Transform(({ value }) => (typeof value === 'string' ? value.trim().toUpperCase() : value));

export const NameField = () => applyDecorators(Trimmed(), IsString(), Length(1, 100), noControls);

/** Basic authentication ends the name at the first colon (RFC 7617, 2). */
export const UsernameField = () =>
  applyDecorators(
    Trimmed(),
    IsString(),
    Length(1, 200),
    noControls,
    Matches(/^[^:]*$/, { message: '$property must not have a colon' }),
  );

/** Not trimmed: a blank may belong to it. */
export const PasswordField = () => applyDecorators(IsString(), Length(1, 500), noControls);

/** Whether the address may be used is decided by `acceptedApiUrl`, which knows the environment. */
export const ApiUrlField = () => applyDecorators(Trimmed(), IsString(), Length(1, 500));

export const AccountIdField = () => applyDecorators(Trimmed(), IsString(), Length(1, 64), noControls);

/** It travels as a header, so it cannot have other characters. */
export const SubscriptionKeyField = () =>
  applyDecorators(
    Trimmed(),
    IsString(),
    Length(1, 200),
    Matches(/^[\x21-\x7e]*$/, { message: '$property must only have visible ASCII characters' }),
  );

/** A code as people write it becomes ISO's, UK too; anything else stays as it is, to be refused. */
const IsoCountry = () =>
  Transform(({ value }) => (typeof value === 'string' ? (CountryCode.read(value) ?? value) : value));

export const CountryField = () => applyDecorators(IsoCountry(), IsCountryCode());

export const CurrencyField = () => applyDecorators(Capitals(), IsCurrencyCode());

/** CMP's marketplace codes are lower-case words such as `us`, `uk`, and `stg` in its lab. */
export const MarketplaceField = () =>
  applyDecorators(
    Trimmed(),
    IsString(),
    Matches(/^[a-z][a-z0-9-]{0,31}$/, { message: '$property must be a lower-case code such as us' }),
  );
