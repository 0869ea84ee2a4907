import { OrNull, type Role, roles } from '@isthmus/service-kit';
import { IsArray, IsBoolean, IsIn, IsISO8601, IsOptional, IsString, IsUUID } from 'class-validator';

/** Who calls. */
export class Me {
  /** The subject of the token, as the audit log has it. */
  @IsString() sub!: string;
  @IsString() name!: string;
  @IsUUID() tenant!: string;
  @OrNull() @IsString() tenantName!: string | null;
  @IsArray() @IsIn(roles, { each: true }) roles!: Role[];
  /** The highest of them. */
  @OrNull() @IsIn(roles) role!: Role | null;
  /** Value of the header x-csrf of writes; null for a program. */
  @OrNull() @IsString() csrf!: string | null;
  /** End of the session, or of the token. */
  @IsISO8601() expiresAt!: string;
  /** Address of a trace in the tracing backend, with `{traceId}` for its id. */
  @OrNull() @IsString() traceUrlTemplate!: string | null;
}

/** The fields other than `signedIn` are there if that is true. */
export class SessionState {
  @IsBoolean() signedIn!: boolean;
  @IsOptional() @IsString() sub?: string;
  @IsOptional() @IsString() name?: string;
  @IsOptional() @IsUUID() tenant?: string;
  /** Value of the header x-csrf of writes. */
  @IsOptional() @IsString() csrf?: string;
  @IsOptional() @IsISO8601() expiresAt?: string;
}

export class SignedOut {
  /** A path of this site, or the provider's page for signing out. */
  @IsString() next!: string;
}
