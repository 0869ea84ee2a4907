/** Every span attribute and metric this library sets, once. */
export const attributes = {
  system: 'messaging.system',
  destination: 'messaging.destination.name',
  messageId: 'messaging.message.id',
  operation: 'messaging.operation.type',
  consumerGroup: 'messaging.consumer.group.name',
  deliveryCount: 'isthmus.delivery.count',
  tenantId: 'isthmus.tenant.id',
  correlationId: 'isthmus.correlation.id',
  reason: 'isthmus.parked.reason',
  direction: 'isthmus.parked.direction',
  stream: 'isthmus.stream',
  outcome: 'isthmus.outcome',
} as const;

export const metricNames = {
  /** Events the relay has seen stored by JetStream. */
  published: 'isthmus.outbox.published',
  /** Age of the oldest event when the relay published it, in milliseconds. */
  relayDelay: 'isthmus.outbox.relay_delay',
  /** Messages set aside; any increase wants a person. */
  parked: 'isthmus.messages.parked',
  /** Messages handled, by outcome. */
  handled: 'isthmus.messages.handled',
  /** Streams found to have lost messages, which were then said again. */
  streamLosses: 'isthmus.stream.losses',
} as const;
