export const connectorStatuses = ['active', 'paused', 'removed'] as const;
export type ConnectorStatus = (typeof connectorStatuses)[number];
export type ConnectorAction = 'pause' | 'resume' | 'remove' | 'restore';

/**
 * The whole life of a connector: what is absent is refused. Pausing what is paused and resuming what is active lead
 * nowhere new, so that the first reason of a pause stays and a repeated command does no harm.
 */
export const connectorLifecycle: Record<
  ConnectorStatus,
  Partial<Record<ConnectorAction, ConnectorStatus>>
> = {
  active: { pause: 'paused', resume: 'active', remove: 'removed' },
  paused: { pause: 'paused', resume: 'active', remove: 'removed' },
  removed: { restore: 'active' },
};
