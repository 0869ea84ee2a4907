import { IfGiven } from '@isthmus/service-kit';
import { NameField } from './connector-fields.ts';
import { CreateConnector } from './create-connector.dto.ts';

/** A form's fields before they are saved; it may not have a name yet. */
export class VerifyConnector extends CreateConnector {
  @IfGiven() @NameField() override name!: string;
}
