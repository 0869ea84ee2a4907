import type { DatabaseOptions } from '@isthmus/service-kit';
import { Delivery } from '../domain/delivery.entity.ts';
import { DeliveryAttempt } from '../domain/delivery-attempt.entity.ts';
import { Endpoint } from '../domain/endpoint.entity.ts';
import { EndpointSecret } from '../domain/endpoint-secret.entity.ts';
import { StoredEvent } from '../domain/stored-event.entity.ts';
import { Migration0001FirstTables } from './migration-0001-first-tables.ts';

export const database: DatabaseOptions = {
  entities: [Endpoint, EndpointSecret, StoredEvent, Delivery, DeliveryAttempt],
  migrations: [Migration0001FirstTables],
};
