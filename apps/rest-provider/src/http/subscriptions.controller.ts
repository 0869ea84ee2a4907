import { Controller, HttpCode, Patch, Post, UseInterceptors } from '@nestjs/common';
import { Asker } from '@isthmus/messaging';
import { AllowApiKey, CurrentKey, Describe } from '@isthmus/service-kit';
import { readAccount } from '../commands/ask-all.ts';
import { Buy } from '../commands/buy.ts';
import { ChangeSubscriptions } from '../commands/change.ts';
import { PartNumbers } from '../commands/part-numbers.ts';
import { ownEntry, renamed } from '../domain/known-subscription.ts';
import { purchaseOf } from './purchase-of.ts';
import { PatchSubscription, PostSubscription, Subscription } from './subscription.dto.ts';
import { showSubscription } from './subscription.view.ts';
import { WireBody } from './wire-body.ts';
import { Work365Client } from './work365-client.ts';
import { SpeakWork365 } from './work365.interceptor.ts';

@AllowApiKey()
@UseInterceptors(SpeakWork365)
@Controller('subscriptions')
export class SubscriptionsController {
  constructor(
    private readonly asker: Asker,
    private readonly buy: Buy,
    private readonly changes: ChangeSubscriptions,
    private readonly partNumbers: PartNumbers,
  ) {}

  @Post()
  @HttpCode(200)
  @Describe('Buys a subscription; a repetition of the request is answered with the same one.', {
    takes: PostSubscription,
    returns: Subscription,
  })
  async post(
    @CurrentKey() client: Work365Client,
    @WireBody(PostSubscription) body: PostSubscription,
  ): Promise<Subscription> {
    const purchase = purchaseOf(body);
    const { account, subscription } = await this.buy.buy(
      client.requireActive(),
      purchase,
      client.subject,
      body.id ?? null,
    );
    return showSubscription(
      subscription,
      account,
      await this.partNumbers.ofSubscription(client, subscription),
    );
  }

  @Patch()
  @Describe('Changes quantity, auto-renew and friendly name; answers the subscription after the change.', {
    takes: PatchSubscription,
    returns: Subscription,
  })
  async patch(
    @CurrentKey() client: Work365Client,
    @WireBody(PatchSubscription) body: PatchSubscription,
  ): Promise<Subscription> {
    const { id, quantity, autoRenew, friendlyName, provisioningFrequency = null } = body;
    const wish = { quantity: quantity ?? undefined, autoRenew: autoRenew ?? undefined };
    const owner = client.requireActive();
    let known = await this.changes.change(owner, id, wish, client.subject, provisioningFrequency);
    if (friendlyName && known.agreed && friendlyName !== (ownEntry(known) ?? known.agreed).friendlyName) {
      await this.changes.rename(client, known, friendlyName, client.subject);
      known = renamed(known, friendlyName);
    }
    const account = await readAccount(this.asker, client, known.customerId);
    return showSubscription(known, account, await this.partNumbers.ofSubscription(client, known));
  }
}
