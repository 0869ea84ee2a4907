import { Module } from '@nestjs/common';
import { WriteIntentsModule } from '../write-intents/write-intents.module.ts';
import { PartNumbers } from './part-numbers.service.ts';
import { ReportedLineStore } from './reported-lines.store.ts';
import { SubscriptionReader } from './subscriptions.service.ts';

@Module({
  imports: [WriteIntentsModule],
  providers: [SubscriptionReader, PartNumbers, ReportedLineStore],
  exports: [SubscriptionReader, PartNumbers, ReportedLineStore],
})
export class SubscriptionsModule {}
