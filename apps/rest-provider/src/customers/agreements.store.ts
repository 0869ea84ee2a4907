import { randomUUID } from 'node:crypto';
import type { AcceptedAgreementV1 } from '@isthmus/contracts';
import { statementsOf } from '@isthmus/messaging';
import { audit, transaction } from '@isthmus/service-kit';
import { defineEntity, p } from '@mikro-orm/core';
import { MikroORM } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
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

const statements = statementsOf<typeof Agreement>();

/** In the form in which an order takes it. */
export const toAcceptedAgreement = ({
  signedBy,
  signedOn,
}: Pick<Agreement, 'signedBy' | 'signedOn'>): AcceptedAgreementV1 => ({
  signedOn: signedOn.toISOString(),
  firstName: signedBy.firstName ?? undefined,
  lastName: signedBy.lastName ?? undefined,
  email: signedBy.email ?? undefined,
});

/** Acceptances of agreements, one for each customer and template. */
@Injectable()
export class AgreementStore {
  constructor(private readonly orm: MikroORM) {}

  /** The newest first. */
  of({ tenantId, connectorId }: ConnectorRef, customerId: string): Promise<Agreement[]> {
    const orderBy = { signedOn: 'desc', id: 'asc' } as const;
    return this.orm.em.fork().find(Agreement, { tenantId, connectorId, customerId }, { orderBy });
  }

  async latest(connector: ConnectorRef, customerId: string): Promise<Agreement | null> {
    return (await this.of(connector, customerId))[0] ?? null;
  }

  /** Recording the same template again replaces who signed it and when. */
  async record(
    { tenantId, connectorId }: ConnectorRef,
    agreement: Pick<Agreement, 'customerId' | 'templateId' | 'name' | 'signedBy' | 'signedOn'>,
  ): Promise<Agreement> {
    const { customerId, templateId } = agreement;
    const key = { tenantId, connectorId, customerId, templateId };
    return transaction(this.orm, async (em) => {
      await statements(em)
        .insertInto('Agreement')
        .values({ ...agreement, ...key, id: randomUUID(), createdAt: new Date() })
        .onConflict((conflict) =>
          conflict
            .columns(['tenantId', 'connectorId', 'customerId', 'templateId'])
            .doUpdateSet(({ ref }) => ({
              name: ref('excluded.name'),
              signedBy: ref('excluded.signedBy'),
              signedOn: ref('excluded.signedOn'),
            })),
        )
        .execute();
      const recorded = await em.findOneOrFail(Agreement, key);
      const { id, name, signedOn } = recorded;
      await audit(em, {
        ...{ tenantId, action: 'agreement.record', thing: ['agreement', id] },
        // The agreement itself contains the signatory: an audit entry is never deleted, so it must not contain personal data.
        after: { connectorId, customerId, templateId, name, signedOn },
      });
      return recorded;
    });
  }
}
