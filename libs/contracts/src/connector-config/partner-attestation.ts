import { IsISO8601, Length } from 'class-validator';

/** Who attested, once for the connector, to being the partner of record of its customers. */
export class PartnerAttestationV1 {
  @Length(1, 200) by!: string;
  @IsISO8601({ strict: true }) at!: string;
}
