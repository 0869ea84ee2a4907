import { Transform } from 'class-transformer';
import { IsISO8601, IsString, IsUUID, Length } from 'class-validator';
import type { ApiKey } from '../domain/api-key.entity.ts';
import { OrNull } from './or-null.ts';

export class CreateApiKey {
  /** What it is for, to tell it from others. */
  @Transform(({ value }) => (typeof value === 'string' ? value.trim() : value))
  @IsString()
  @Length(1, 100)
  label!: string;
}

/** A key as it can be shown: never itself. */
export class ApiKeyView {
  @IsUUID() id!: string;
  @IsString() label!: string;
  /** The first characters of the key. */
  @IsString() prefix!: string;
  @IsString() createdBy!: string;
  @IsISO8601() createdAt!: string;
  /** To about a minute. */
  @OrNull() @IsISO8601() lastUsedAt!: string | null;
}

/** The only answer that has the key itself. */
export class IssuedApiKey extends ApiKeyView {
  @IsString() key!: string;
}

export function showApiKey({ id, label, prefix, createdBy, createdAt, lastUsedAt }: ApiKey): ApiKeyView {
  const used = lastUsedAt?.toISOString() ?? null;
  return { id, label, prefix, createdBy, createdAt: createdAt.toISOString(), lastUsedAt: used };
}
