import { Type } from 'class-transformer';
import { IsISO8601, IsNotEmpty, IsOptional, IsString, Length, ValidateNested } from 'class-validator';
import { Contact, SentContact } from './customer.dto.ts';
import { Model, ModelRef, SentModel } from './model.dto.ts';
import { SentCustomerRef } from './subscription.dto.ts';
import { WireInstant } from './wire-types.ts';

export class Agreement extends Model {
  @IsOptional() @ValidateNested() @Type(() => Contact) signedBy!: Contact | null;
  @IsOptional() @ValidateNested() @Type(() => ModelRef) customer!: ModelRef | null;
  @IsOptional() @IsISO8601() signedOn!: string | null;
  @IsOptional() @IsString() templateId!: string | null;
}

/** An acceptance as a client sends it. */
export class SentAgreement extends SentModel {
  @IsNotEmpty({ message: 'signedBy must be given' })
  @ValidateNested()
  @Type(() => SentContact)
  signedBy!: SentContact;
  @IsNotEmpty({ message: 'customer must be given' })
  @ValidateNested()
  @Type(() => SentCustomerRef)
  customer!: SentCustomerRef;
  @WireInstant() signedOn!: string;
  @IsNotEmpty({ message: 'templateId must be given' }) @IsString() @Length(1, 100) templateId!: string;
}
