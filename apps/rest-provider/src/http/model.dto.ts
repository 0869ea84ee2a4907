import { IsISO8601, IsOptional, IsString } from 'class-validator';
import { WireDate, WireText } from './wire-types.ts';

/** The contract's ModelRef. */
export class ModelRef {
  @IsOptional() @IsString() id!: string | null;
  @IsOptional() @IsString() name!: string | null;
}

/** The contract's Model: what every entity has. Times are UTC; unknown ones are null. */
export class Model extends ModelRef {
  @IsOptional() @IsISO8601() createdOn!: string | null;
  @IsOptional() @IsISO8601() modifiedOn!: string | null;
}

/** An entity as a client sends it, but for its id, which some bodies must have. */
export class SentWithoutId {
  @WireText(500) name?: string | null;
  @WireDate() @IsOptional() @IsISO8601() createdOn?: string | null;
  @WireDate() @IsOptional() @IsISO8601() modifiedOn?: string | null;
}

/** An entity as a client sends it. */
export class SentModel extends SentWithoutId {
  @WireText(50) id?: string | null;
}

/** What nobody keeps of parts of an entity. */
export const noModel: Model = { id: null, name: null, createdOn: null, modifiedOn: null };
