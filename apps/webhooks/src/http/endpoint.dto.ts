import { IfGiven } from '@isthmus/service-kit';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsString,
  Length,
  MaxLength,
} from 'class-validator';

export class CreateEndpoint {
  /** Where events are sent: https, a public address. */
  @IsString() @Length(1, 2048) url!: string;
  /** For people. */
  @IfGiven() @IsString() @MaxLength(500) description?: string;
  /** `*`, `<service>.*` or event types in full. Left out: everything. */
  @IfGiven()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(1, 200, { each: true })
  eventTypes?: string[];
}

/** What is left out stays as it is. */
export class ChangeEndpoint {
  /** Where events are sent: https, a public address. */
  @IfGiven() @IsString() @Length(1, 2048) url?: string;
  @IfGiven() @IsString() @MaxLength(500) description?: string;
  /** `*`, `<service>.*` or event types in full. */
  @IfGiven()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(1, 200, { each: true })
  eventTypes?: string[];
}
