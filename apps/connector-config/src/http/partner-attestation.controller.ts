import { Controller, Delete, Get, HttpCode, Put } from '@nestjs/common';
import { Allow, CurrentUser, Describe, Principal, UuidParam } from '@isthmus/service-kit';
import { NotAttested } from '../domain/connector.errors.ts';
import { sayChanged } from '../messaging/connector-events.ts';
import { lockConnector, requireConnector } from '../persistence/require-connector.ts';
import { TenantStore } from '../persistence/tenant-store.ts';
import { AttestationView } from './connector-parts.view.ts';

/** Microsoft wants the reseller to attest to being the partner of record; it is recorded once and sent with orders that need it. */
@Controller('v1/connectors/:id/partner-attestation')
export class PartnerAttestationController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Allow('viewer')
  @Describe('Who attested to being the partner of record, and when; 404 when nobody did.', {
    returns: AttestationView,
  })
  read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<AttestationView> {
    return this.store.read(tenantId, async (em) => {
      const { partnerAttestation } = await requireConnector(em, id);
      if (!partnerAttestation) throw new NotAttested(id);
      return partnerAttestation;
    });
  }

  @Put()
  @Allow('operator')
  @Describe(
    "Records that the caller attests to being the partner of record of the connector's customers. Already recorded: stays as it is.",
    { returns: AttestationView },
  )
  record(@CurrentUser() user: Principal, @UuidParam() id: string): Promise<AttestationView> {
    return this.store.change(user.tenantId, async (em) => {
      const connector = await lockConnector(em, id);
      if (connector.attest(user.subject, new Date())) {
        await em.flush();
        sayChanged(em, connector);
      }
      if (!connector.partnerAttestation) throw new NotAttested(id);
      return connector.partnerAttestation;
    });
  }

  @Delete()
  @Allow('operator')
  @HttpCode(204)
  @Describe('Withdraws the attestation: orders that need it are refused until it is recorded again.')
  async withdraw(@CurrentUser() user: Principal, @UuidParam() id: string): Promise<void> {
    await this.store.change(user.tenantId, async (em) => {
      const connector = await lockConnector(em, id);
      if (!connector.withdrawAttestation(new Date())) return;
      await em.flush();
      sayChanged(em, connector);
    });
  }
}
