import { defineEntity, p } from '@mikro-orm/core';

export interface Signatory {
  firstName: string | null;
  lastName: string | null;
  email: string | null;
  phoneNumber: string | null;
}

const schema = defineEntity({
  name: 'Agreement',
  tableName: 'agreements',
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    customerId: p.uuid(),
    templateId: p.text(),
    name: p.text().strictNullable(),
    signedBy: p.json().columnType('json').$type<Signatory>(),
    signedOn: p.datetime(),
    createdAt: p.datetime(),
  },
});

/** A customer's acceptance of Microsoft's agreement, as a client recorded it; CMP is told with the first purchase. */
export class Agreement extends schema.class {}
schema.setClass(Agreement);
