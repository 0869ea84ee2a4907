import { Matches } from 'class-validator';

/** An amount as a decimal string, because a binary number cannot hold 0.10; the currency as three capitals, also of one that is history. */
export class MoneyV1 {
  @Matches(/^-?\d{1,30}(\.\d{1,20})?$/) amount!: string;
  @Matches(/^[A-Z]{3}$/) currency!: string;
}
