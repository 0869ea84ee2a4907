/** Why a connector is at rest. */
export interface Pause {
  /** UTC, ISO 8601. */
  since: string;
  /** The person's subject, or the service's name. */
  by: string;
  /** True when a service paused it because of what CMP answered. */
  automatic: boolean;
  /** A machine code such as `password`; `person` when somebody asked for it. */
  cause: string;
  detail: string;
  nextStep: string;
}
