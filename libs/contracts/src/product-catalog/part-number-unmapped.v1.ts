import { Event } from '../event-contract.ts';
import { MappedPartNumberV1 } from './part-number-mapping.ts';

@Event({
  subject: 'product-catalog.part-number-unmapped.v1',
  producer: 'product-catalog',
  aggregate: 'part-number-mapping',
  summary: 'A mapping was taken back; the part number resolves by the rule again, or not at all.',
})
export class PartNumberUnmappedV1 extends MappedPartNumberV1 {}
