export {
  type Answer,
  ApiClient,
  type ConnectOptions,
  type Input,
  type Method,
  type Operation,
  type Paths,
  type PathWith,
  type Row,
  type StreamEvent,
} from './client.ts';
export {
  type CatalogSync,
  connect,
  type Connector,
  Isthmus,
  type IsthmusEvent,
  type Order,
  OrderNotSettled,
  RunNotSucceeded,
  type SyncRun,
  type Verification,
  type WaitOptions,
} from './isthmus.ts';
export {
  Forbidden,
  InvalidInput,
  IsthmusError,
  NotFound,
  type Problem,
  type ProblemCode,
  Refused,
  StaleVersion,
  StillGoingOn,
  Unauthenticated,
  Unavailable,
} from './problems.ts';
export { type EventData, eventTypes } from './generated/events.ts';
export { type OperationFacts, operations, type Service } from './generated/operations.ts';
