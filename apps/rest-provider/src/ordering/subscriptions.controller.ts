import { RequestClient } from '@isthmus/messaging';
import { AllowApiKey, Audited, CurrentApiKey, Describe, NotAudited } from '@isthmus/service-kit';
import { Controller, Delete, HttpCode, Param, Patch, Post, UseInterceptors } from '@nestjs/common';
import { readAccount } from '../customers/customers.service.ts';
import {
  type KnownSubscription,
  ownEntry,
  renamed,
  toSubscriptionStatus,
} from '../subscriptions/known-subscription.ts';
import { PartNumbers } from '../subscriptions/part-numbers.service.ts';
import {
  parsePurchase,
  PatchSubscription,
  PostSubscription,
  Subscription,
  toSubscription,
} from '../subscriptions/subscriptions.dto.ts';
import { SubscriptionNotFound } from '../subscriptions/subscriptions.service.ts';
import { SubscriptionStatus } from '../work365/enums.ts';
import { Work365Client } from '../work365/work365-client.ts';
import { WireBody, Work365Translation } from '../work365/work365.interceptor.ts';
import { type Change, WriteRefused } from '../write-intents/write-intent.ts';
import { SubscriptionChanges } from './changes.service.ts';
import { Purchases } from './purchases.service.ts';

/** Orders and names of subscriptions are subscription-lifecycle's, and so are their entries, in the name of the API key. */
const ordersElsewhere = 'It becomes an order, which has an entry in subscription-lifecycle.';

@AllowApiKey()
@UseInterceptors(Work365Translation)
@Controller('subscriptions')
export class SubscriptionsController {
  constructor(
    private readonly requests: RequestClient,
    private readonly purchases: Purchases,
    private readonly changes: SubscriptionChanges,
    private readonly partNumbers: PartNumbers,
  ) {}

  @Post()
  @HttpCode(200)
  @Describe('Buys a subscription; a repeated request returns the same one.', {
    takes: PostSubscription,
    returns: Subscription,
  })
  @NotAudited(ordersElsewhere)
  async post(
    @CurrentApiKey() client: Work365Client,
    @WireBody(PostSubscription) body: PostSubscription,
  ): Promise<Subscription> {
    const purchase = parsePurchase(body);
    const { account, subscription } = await this.purchases.buy(
      client.requireActive(),
      purchase,
      client.subject,
      body.id ?? null,
    );
    return toSubscription(subscription, account, await this.partNumbers.ofSubscription(client, subscription));
  }

  @Patch()
  @Describe('Changes quantity, auto-renew and friendly name; returns the subscription after the change.', {
    takes: PatchSubscription,
    returns: Subscription,
  })
  @Audited('subscription-line.rename')
  async patch(
    @CurrentApiKey() client: Work365Client,
    @WireBody(PatchSubscription) body: PatchSubscription,
  ): Promise<Subscription> {
    const { id, quantity, autoRenew, friendlyName, provisioningFrequency = null } = body;
    const requested = { quantity: quantity ?? undefined, autoRenew: autoRenew ?? undefined };
    const connector = client.requireActive();
    let known = await this.changes.change(connector, id, requested, client.subject, provisioningFrequency);
    if (friendlyName && known.agreed && friendlyName !== (ownEntry(known) ?? known.agreed).friendlyName) {
      await this.changes.rename(client, known, friendlyName, client.subject);
      known = renamed(known, friendlyName);
    }
    const account = await readAccount(this.requests, client, known.customerId);
    return toSubscription(known, account, await this.partNumbers.ofSubscription(client, known));
  }
}

/** Changes of state. CMP can end a subscription or let it run out; it can neither suspend nor revive one. */
@AllowApiKey()
@UseInterceptors(Work365Translation)
@Controller('subscriptions/:id')
export class SubscriptionStatesController {
  constructor(
    private readonly requests: RequestClient,
    private readonly changes: SubscriptionChanges,
    private readonly partNumbers: PartNumbers,
  ) {}

  @Patch('activate')
  @Describe('Returns the subscription if it is active; CMP cannot activate any other.', {
    returns: Subscription,
  })
  @NotAudited('It changes nothing.')
  activate(@CurrentApiKey() client: Work365Client, @Param('id') id: string): Promise<Subscription> {
    return this.#requireStatus(client, id, SubscriptionStatus.Active, activateNotSupported);
  }

  @Patch('suspend')
  @Describe('Returns the subscription if it is suspended; CMP cannot suspend any other.', {
    returns: Subscription,
  })
  @NotAudited('It changes nothing.')
  suspend(@CurrentApiKey() client: Work365Client, @Param('id') id: string): Promise<Subscription> {
    return this.#requireStatus(client, id, SubscriptionStatus.Suspended, suspendNotSupported);
  }

  @Patch('expire')
  @Describe('Switches auto-renew off, so that the subscription ends with its term.', {
    returns: Subscription,
  })
  @NotAudited(ordersElsewhere)
  async expire(@CurrentApiKey() client: Work365Client, @Param('id') id: string): Promise<Subscription> {
    return this.#render(client, await this.#change(client, id, { autoRenew: false }));
  }

  @Delete('cancel')
  @Describe('Cancels a subscription immediately if its cancellation window is open; returns true.', {
    returns: 'boolean',
  })
  @NotAudited(ordersElsewhere)
  async cancel(@CurrentApiKey() client: Work365Client, @Param('id') id: string): Promise<true> {
    await this.#change(client, id, { cancel: true });
    return true;
  }

  async #requireStatus(
    client: Work365Client,
    id: string,
    status: number,
    otherwise: WriteRefused,
  ): Promise<Subscription> {
    const known = await this.#change(client, id, {});
    if (!known.agreed || toSubscriptionStatus(known.agreed) !== status) throw otherwise;
    return this.#render(client, known);
  }

  async #change(client: Work365Client, id: string, requested: Change): Promise<KnownSubscription> {
    try {
      return await this.changes.change(client.requireActive(), id, requested, client.subject);
    } catch (error) {
      if (error instanceof SubscriptionNotFound)
        throw new SubscriptionNotFound(id, 'subscription.unknown-id');
      throw error;
    }
  }

  async #render(client: Work365Client, known: KnownSubscription): Promise<Subscription> {
    const account = await readAccount(this.requests, client, known.customerId);
    return toSubscription(known, account, await this.partNumbers.ofSubscription(client, known));
  }
}

const suspendNotSupported = new WriteRefused(
  'subscription.suspend-not-supported',
  'CMP cannot suspend a subscription.',
  "Cancel it while its window is open, switch auto-renew off, or put the whole customer on hold in CMP's control panel.",
);
const activateNotSupported = new WriteRefused(
  'subscription.activate-not-supported',
  'The subscription is not active, and CMP cannot reactivate it.',
  'Buy it again, or contact CMP’s support if it is on hold.',
);
