export const connectorStatuses = ['active', 'paused'] as const;
export type ConnectorStatus = (typeof connectorStatuses)[number];
