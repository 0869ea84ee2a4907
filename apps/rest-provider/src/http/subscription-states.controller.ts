import { Controller, Delete, Param, Patch, UseInterceptors } from '@nestjs/common';
import { Asker } from '@isthmus/messaging';
import { AllowApiKey, CurrentKey, Describe } from '@isthmus/service-kit';
import { readAccount } from '../commands/ask-all.ts';
import { ChangeSubscriptions } from '../commands/change.ts';
import { PartNumbers } from '../commands/part-numbers.ts';
import { SubscriptionNotFound, WriteRefused } from '../domain/errors.ts';
import type { KnownSubscription } from '../domain/known-subscription.ts';
import type { Change } from '../domain/purchase.ts';
import { statusOf } from '../domain/subscription-status.ts';
import { SubscriptionStatus } from '../domain/wire-enums.ts';
import { Subscription } from './subscription.dto.ts';
import { showSubscription } from './subscription.view.ts';
import { Work365Client } from './work365-client.ts';
import { SpeakWork365 } from './work365.interceptor.ts';

/** Changes of state. CMP can end a subscription or let it run out; it can neither suspend nor revive one. */
@AllowApiKey()
@UseInterceptors(SpeakWork365)
@Controller('subscriptions/:id')
export class SubscriptionStatesController {
  constructor(
    private readonly asker: Asker,
    private readonly changes: ChangeSubscriptions,
    private readonly partNumbers: PartNumbers,
  ) {}

  @Patch('activate')
  @Describe('Answers an active subscription; CMP cannot revive another.', { returns: Subscription })
  activate(@CurrentKey() client: Work365Client, @Param('id') id: string): Promise<Subscription> {
    return this.#requireStatus(client, id, SubscriptionStatus.Active, activating);
  }

  @Patch('suspend')
  @Describe('Answers a suspended subscription; CMP cannot suspend another.', { returns: Subscription })
  suspend(@CurrentKey() client: Work365Client, @Param('id') id: string): Promise<Subscription> {
    return this.#requireStatus(client, id, SubscriptionStatus.Suspended, suspending);
  }

  @Patch('expire')
  @Describe('Switches auto-renew off, so that the subscription ends with its term.', {
    returns: Subscription,
  })
  async expire(@CurrentKey() client: Work365Client, @Param('id') id: string): Promise<Subscription> {
    return this.#show(client, await this.#change(client, id, { autoRenew: false }));
  }

  @Delete('cancel')
  @Describe('Cancels a subscription at once, as long as its cancellation window is open; answers true.')
  async cancel(@CurrentKey() client: Work365Client, @Param('id') id: string): Promise<true> {
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
    if (!known.agreed || statusOf(known.agreed) !== status) throw otherwise;
    return this.#show(client, known);
  }

  async #change(client: Work365Client, id: string, wish: Change): Promise<KnownSubscription> {
    try {
      return await this.changes.change(client.requireActive(), id, wish, client.subject);
    } catch (error) {
      if (error instanceof SubscriptionNotFound)
        throw new SubscriptionNotFound(id, 'subscription.unknown-id');
      throw error;
    }
  }

  async #show(client: Work365Client, known: KnownSubscription): Promise<Subscription> {
    const account = await readAccount(this.asker, client, known.customerId);
    return showSubscription(known, account, await this.partNumbers.ofSubscription(client, known));
  }
}

const suspending = new WriteRefused(
  'subscription.suspend-not-supported',
  'CMP has no way to suspend a subscription.',
  "Cancel it while its window is open, switch auto-renew off, or put the whole customer on hold in CMP's control panel.",
);
const activating = new WriteRefused(
  'subscription.activate-not-supported',
  'The subscription is not active, and CMP has no way to activate one again.',
  'Buy it anew, or ask CMP’s support when it is on hold.',
);
