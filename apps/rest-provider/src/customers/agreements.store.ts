import { randomUUID } from 'node:crypto';
import { defineEntity, p } from '@mikro-orm/core';
import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import type { ConnectorRef } from '../work365/work365-client.ts';

interface Signatory {
  firstName: string | null;
  lastName: string | null;
  email: string | null;
  phoneNumber: string | null;
}

const schema = defineEntity({
  name: 'Agreement',
  tableName: 'agreements',
  uniques: [
    {
      name: 'agreements_once',
      // `properties` would make it a constraint.
      expression:
        'create unique index agreements_once on agreements (tenant_id, connector_id, customer_id, template_id)',
    },
  ],
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

/** A customer's acceptance of Microsoft's agreement, as recorded by a client; CMP receives it with the first purchase. */
export class Agreement extends schema.class {}
schema.setClass(Agreement);

export interface AgreementRow {
  id: string;
  customerId: string;
  templateId: string;
  name: string | null;
  signedBy: Signatory;
  signedOn: Date;
  createdAt: Date;
}

const columns = `id, customer_id as "customerId", template_id as "templateId", name, signed_by as "signedBy",
  signed_on as "signedOn", created_at as "createdAt"`;

/** Acceptances of agreements, one for each customer and template. */
@Injectable()
export class AgreementStore {
  constructor(private readonly pool: Pool) {}

  /** The newest first. */
  async of({ tenantId, connectorId }: ConnectorRef, customerId: string): Promise<AgreementRow[]> {
    const { rows } = await this.pool.query<AgreementRow>(
      `select ${columns} from agreements where tenant_id = $1 and connector_id = $2 and customer_id = $3
       order by signed_on desc, id`,
      [tenantId, connectorId, customerId],
    );
    return rows;
  }

  async latest(connector: ConnectorRef, customerId: string): Promise<AgreementRow | null> {
    return (await this.of(connector, customerId))[0] ?? null;
  }

  /** Recording the same template again replaces who signed it and when. */
  async record(
    { tenantId, connectorId }: ConnectorRef,
    agreement: Omit<AgreementRow, 'id' | 'createdAt'>,
  ): Promise<AgreementRow> {
    const { customerId, templateId, name, signedBy, signedOn } = agreement;
    const { rows } = await this.pool.query<AgreementRow>(
      `insert into agreements (id, tenant_id, connector_id, customer_id, template_id, name, signed_by, signed_on, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, now())
       on conflict (tenant_id, connector_id, customer_id, template_id)
       do update set name = excluded.name, signed_by = excluded.signed_by, signed_on = excluded.signed_on
       returning ${columns}`,
      [randomUUID(), tenantId, connectorId, customerId, templateId, name, JSON.stringify(signedBy), signedOn],
    );
    return rows[0]!;
  }
}
