import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Min,
  ValidateNested,
} from 'class-validator';
import { PageQuery } from '../http/paging.ts';

export class LabelInput {
  @IsString() @Length(1, 20) name!: string;
}

export class NoteInput {
  @IsString() @Length(1, 200) text!: string;
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(3)
  @ValidateNested({ each: true })
  @Type(() => LabelInput)
  labels?: LabelInput[];
  @IsOptional() @ValidateNested() @Type(() => LabelInput) main?: LabelInput;
}

export class NoteView {
  @IsUUID() id!: string;
  @IsString() text!: string;
  @IsInt() @Min(1) version!: number;
}

export class NoteQuery extends PageQuery {
  @IsOptional() @IsIn(['new', 'old']) order?: 'new' | 'old';
}
