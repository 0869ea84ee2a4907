import { Module } from '@nestjs/common';
import { ConnectorsModule } from '../connectors/connectors.module.ts';
import { BudgetController } from './budget.controller.ts';
import { HistoryController } from './history.controller.ts';

/** What a connector uses, and what was done to it. */
@Module({ imports: [ConnectorsModule], controllers: [BudgetController, HistoryController] })
export class WatchingModule {}
