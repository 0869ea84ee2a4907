/** A billing report as the world keeps it; instants are milliseconds, UTC. */
export interface ReportState {
  id: string;
  name: string;
  customizationName?: string | undefined;
  type: 'monthly' | 'onetime';
  format: 'csv' | 'json' | 'xlsx';
  createdAt: number;
  readyAt: number;
  from: number;
  until: number;
  signature: string;
}
