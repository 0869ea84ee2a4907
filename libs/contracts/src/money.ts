import { Matches } from 'class-validator';

/** An amount as a decimal string, because a binary number cannot hold 0.10; the currency as ISO 4217. */
export class MoneyV1 {
  @Matches(/^-?\d{1,15}(\.\d{1,10})?$/) amount!: string;
  @Matches(/^[A-Z]{3}$/) currency!: string;
}
