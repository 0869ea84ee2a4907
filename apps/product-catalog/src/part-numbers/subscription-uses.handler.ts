import {
  ProviderSubscriptionAppearedV1,
  ProviderSubscriptionChangedV1,
  ProviderSubscriptionEndedV1,
  type SubscriptionLineV1,
} from '@isthmus/contracts';
import { InvalidPartNumber, PartNumber, Period } from '@isthmus/domain';
import { Inbox, Message, On } from '@isthmus/messaging';
import { clientIn } from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Controller } from '@nestjs/common';
import {
  partNumberId,
  reevaluatePartNumbers,
  registerPartNumbers,
  type UsedPartNumber,
} from './part-numbers.store.ts';
import { deleteUses, insertUses, isNewer } from './subscription-uses.store.ts';

/** Keeps track of the part numbers that live provider subscriptions use, from account-sync's events. */
@Controller()
export class ProjectSubscriptionUses {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderSubscriptionAppearedV1)
  appeared(subscription: ProviderSubscriptionAppearedV1, message: Message): Promise<void> {
    return this.#record(subscription, message);
  }

  @On(ProviderSubscriptionChangedV1)
  changed(subscription: ProviderSubscriptionChangedV1, message: Message): Promise<void> {
    return this.#record(subscription, message);
  }

  /** An ended subscription uses nothing; its part numbers stay in the queue, with one user less. */
  @On(ProviderSubscriptionEndedV1)
  ended({ providerSubscriptionId: id }: ProviderSubscriptionEndedV1, message: Message): Promise<void> {
    return this.inbox.once(message, async (em) => {
      if (await isNewer(em, id, message)) await deleteUses(em, message.tenantId, id);
    });
  }

  /** Lines that were not read change nothing. */
  #record(subscription: ProviderSubscriptionAppearedV1, message: Message): Promise<void> {
    return this.inbox.once(message, async (em) => {
      const newer = await isNewer(em, subscription.providerSubscriptionId, message);
      if (newer && subscription.quantityKnown) await replaceUses(em, message.tenantId, subscription);
    });
  }
}

/** Stores the part numbers that a subscription uses, and evaluates them. */
async function replaceUses(
  em: EntityManager,
  tenantId: string,
  subscription: ProviderSubscriptionAppearedV1,
): Promise<void> {
  const connector = { tenantId, connectorId: subscription.connectorId };
  const periods = {
    billingPeriod: Period.iso(subscription.billingPeriod) ?? '',
    term: Period.iso(subscription.term) ?? '',
  };
  const uses = subscription.lines.flatMap((line, index) => {
    const used = usedPartNumber(line, periods);
    return used ? [{ line: index, ...line, used, partNumberId: partNumberId(connector, used) }] : [];
  });
  await deleteUses(em, tenantId, subscription.providerSubscriptionId);
  if (!uses.length) return;
  const client = clientIn(em);
  const used = uses.map((use) => use.used);
  await registerPartNumbers(client, connector, used);
  await insertUses(client, tenantId, subscription, uses);
  await reevaluatePartNumbers(client, {
    ...connector,
    keys: used.map(({ partNumber }) => PartNumber.key(partNumber)),
  });
}

function usedPartNumber(
  { vendor, mpn, name }: SubscriptionLineV1,
  periods: { billingPeriod: string; term: string },
): UsedPartNumber | undefined {
  try {
    return { partNumber: PartNumber.of(vendor.trim(), mpn.trim()), ...periods, seenName: name };
  } catch (error) {
    if (error instanceof InvalidPartNumber) return undefined;
    throw error;
  }
}
