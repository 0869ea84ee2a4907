import { RunView } from '@isthmus/sync-engine';
import { IsBoolean, IsUUID } from 'class-validator';

export class StartCatalogSync {
  @IsUUID() connectorId!: string;
  /** `false` only plans: the run's records say what would change, and nothing is written. */
  @IsBoolean() apply: boolean = true;
}

export class StartedCatalogSync extends RunView {
  /** An equal run was open already, and this is that one. */
  @IsBoolean() joined!: boolean;
}
