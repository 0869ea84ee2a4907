import { IsBoolean, IsOptional, IsUUID, Length } from 'class-validator';
import { Event } from '../event-contract.ts';
import { MappedPartNumberV1 } from './part-number-mapping.ts';

@Event({
  subject: 'product-catalog.part-number-mapped.v1',
  producer: 'product-catalog',
  aggregate: 'part-number-mapping',
  summary: 'Somebody has said which product a part number is, or that it is none of ours (excluded).',
})
export class PartNumberMappedV1 extends MappedPartNumberV1 {
  @IsBoolean() excluded!: boolean;
  /** Our id; absent when excluded. */
  @IsOptional() @IsUUID() productId?: string;
  @IsOptional() @Length(1, 600) cmpProductId?: string;
  /** Reads show the product by this part number. */
  @IsOptional() @IsBoolean() alias?: boolean;
}
