import { PartNumber } from '@isthmus/domain';
import { invalidInput } from '@isthmus/service-kit';
import type { Purchase } from '../domain/purchase.ts';
import { BillingCycleType } from '../domain/wire-enums.ts';
import { WriteRefused } from '../domain/errors.ts';
import type { PostSubscription } from './subscription.dto.ts';

/** What a client's body means. @throws Problem 400 for a text that is no part number; WriteRefused for what is not sold here */
export function purchaseOf(body: PostSubscription): Purchase {
  const { customer, quantity, provisioningFrequency: frequency = null } = body;
  if (frequency === BillingCycleType.None)
    throw new WriteRefused(
      'order.trial-not-supported',
      'The billing cycle None stands for a trial, and trials cannot be ordered.',
      "Start the trial in CMP's control panel, or order the paid product.",
    );
  if (frequency === BillingCycleType.OneTime)
    throw new WriteRefused(
      'order.one-time-not-supported',
      'A subscription cannot be billed once: CMP sells subscriptions by the month, the year or three years.',
      'Send Monthly, Annual or Triennial, or leave provisioningFrequency out.',
    );
  return {
    customerId: customer.id.toLowerCase(),
    partNumber: partNumberOf(body.partNumber),
    quantity,
    frequency: frequency === BillingCycleType.Unknown ? null : frequency,
    name: body.name ?? null,
    friendlyName: body.friendlyName ?? null,
    autoRenew: body.autoRenew ?? null,
  };
}

function partNumberOf(text: string): string {
  try {
    return PartNumber.print(PartNumber.parse(text));
  } catch (error) {
    const message = `is not INGRAM:vendorID:mpn: ${(error as Error).message}`;
    throw invalidInput([{ field: 'partNumber', message }]);
  }
}
