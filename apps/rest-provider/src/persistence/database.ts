import type { DatabaseOptions } from '@isthmus/service-kit';
import { Agreement } from '../domain/agreement.entity.ts';
import { ReportedLine } from '../domain/reported-line.entity.ts';
import { WriteIntent } from '../domain/write-intent.entity.ts';
import { Migration0001FirstTables } from './migration-0001-first-tables.ts';
import { Migration0002SettledOrders } from './migration-0002-settled-orders.ts';
import { Migration0003ReportedLines } from './migration-0003-reported-lines.ts';

export const database: DatabaseOptions = {
  entities: [WriteIntent, Agreement, ReportedLine],
  migrations: [Migration0001FirstTables, Migration0002SettledOrders, Migration0003ReportedLines],
};
