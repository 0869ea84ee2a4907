import type { ConformanceStep } from '../conformance-step.ts';
import { changeQuantity } from './change-quantity.step.ts';
import { creationTimeFilter } from './creation-time-filter.step.ts';
import { detailShapes } from './detail-shapes.step.ts';
import { endingOrders } from './ending-orders.step.ts';
import { listOrder } from './list-order.step.ts';
import { orderLines } from './order-lines.step.ts';
import { orderNumberFilter } from './order-number-filter.step.ts';
import { pageLimit } from './page-limit.step.ts';
import { rateLimit } from './rate-limit.step.ts';
import { refusals } from './refusals.step.ts';
import { renewalDates } from './renewal-dates.step.ts';
import { renewalSwitch } from './renewal-switch.step.ts';
import { reportPaging } from './report-paging.step.ts';
import { statusFilter } from './status-filter.step.ts';
import { times } from './times.step.ts';
import { tokens } from './tokens.step.ts';
import { unknownParameter } from './unknown-parameter.step.ts';

/** In the order in which they are asked: the one that uses up the call limit comes last. */
export const conformanceSteps: readonly ConformanceStep[] = [
  tokens,
  refusals,
  pageLimit,
  listOrder,
  statusFilter,
  unknownParameter,
  creationTimeFilter,
  orderNumberFilter,
  times,
  detailShapes,
  orderLines,
  endingOrders,
  renewalDates,
  reportPaging,
  renewalSwitch,
  changeQuantity,
  rateLimit,
];
