import { Type } from 'class-transformer';
import { IsOptional, ValidateNested } from 'class-validator';
import { IsString } from 'class-validator';
import { Model, SentModel } from './model.dto.ts';
import { WireText } from './wire-types.ts';

export class Address extends Model {
  /** ISO 3166-1 alpha-2. */
  @IsOptional() @IsString() country!: string | null;
  @IsOptional() @IsString() city!: string | null;
  @IsOptional() @IsString() regionOrState!: string | null;
  @IsOptional() @IsString() addressLine1!: string | null;
  @IsOptional() @IsString() addressLine2!: string | null;
  @IsOptional() @IsString() postalOrZipCode!: string | null;
}

export class Contact extends Model {
  @IsOptional() @IsString() firstName!: string | null;
  @IsOptional() @IsString() lastName!: string | null;
  @IsOptional() @IsString() phoneNumber!: string | null;
  @IsOptional() @IsString() email!: string | null;
}

export class UserCredentials extends Model {
  @IsOptional() @IsString() userName!: string | null;
  @IsOptional() @IsString() password!: string | null;
}

export class Customer extends Model {
  @IsOptional() @IsString() email!: string | null;
  @IsOptional() @IsString() language!: string | null;
  @IsOptional() @IsString() culture!: string | null;
  @IsOptional() @ValidateNested() @Type(() => Address) defaultAddress!: Address | null;
  /** `x.onmicrosoft.com`. */
  @IsOptional() @IsString() domain!: string | null;
  @IsOptional() @IsString() organizationRegistrationNumber!: string | null;
  /** CMP makes none. */
  @IsOptional() @ValidateNested() @Type(() => UserCredentials) userCredentials!: UserCredentials | null;
  @IsOptional() @ValidateNested() @Type(() => Contact) contact!: Contact | null;
}

/** An address as a client sends it. */
export class SentAddress extends SentModel {
  @WireText(100) country?: string | null;
  @WireText(200) city?: string | null;
  @WireText(200) regionOrState?: string | null;
  @WireText(500) addressLine1?: string | null;
  @WireText(500) addressLine2?: string | null;
  @WireText(50) postalOrZipCode?: string | null;
}

export class SentContact extends SentModel {
  @WireText(200) firstName?: string | null;
  @WireText(200) lastName?: string | null;
  @WireText(50) phoneNumber?: string | null;
  @WireText(320) email?: string | null;
}

/** A customer as a client sends it. */
export class SentCustomer extends SentModel {
  @WireText(320) email?: string | null;
  @WireText(20) language?: string | null;
  @WireText(20) culture?: string | null;
  @IsOptional() @ValidateNested() @Type(() => SentAddress) defaultAddress?: SentAddress | null;
  @WireText(255) domain?: string | null;
  @WireText(200) organizationRegistrationNumber?: string | null;
  @IsOptional() @ValidateNested() @Type(() => SentContact) contact?: SentContact | null;
}
