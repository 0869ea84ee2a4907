import {
  type ProviderAccountV1,
  ReadAcceptedAgreement,
  type ReadAcceptedAgreementResponse,
} from '@isthmus/contracts';
import { RequestClient, RespondTo } from '@isthmus/messaging';
import {
  AllowApiKey,
  Audited,
  CurrentApiKey,
  Describe,
  inTenant,
  invalidInput,
  OrNull,
} from '@isthmus/service-kit';
import { Controller, Get, HttpCode, Param, Post, UseInterceptors } from '@nestjs/common';
import { Type } from 'class-transformer';
import { isEmail, IsISO8601, IsNotEmpty, IsString, Length, ValidateNested } from 'class-validator';
import { SentCustomerRef } from '../subscriptions/subscriptions.dto.ts';
import { emptyModel, Model, ModelRef, SentModel, toInstant, WireInstant } from '../work365/model.dto.ts';
import { Work365Client } from '../work365/work365-client.ts';
import { WireBody, Work365Translation } from '../work365/work365.interceptor.ts';
import {
  AgreementStore,
  type Agreement as StoredAgreement,
  toAcceptedAgreement,
} from './agreements.store.ts';
import { Contact, SentContact } from './customers.dto.ts';
import { readAccount } from './customers.service.ts';

class Agreement extends Model {
  @OrNull() @ValidateNested() @Type(() => Contact) signedBy!: Contact | null;
  @OrNull() @ValidateNested() @Type(() => ModelRef) customer!: ModelRef | null;
  @OrNull() @IsISO8601() signedOn!: string | null;
  @OrNull() @IsString() templateId!: string | null;
}

/** An acceptance as a client sends it. */
class SentAgreement extends SentModel {
  @IsNotEmpty({ message: 'signedBy must be given' })
  @ValidateNested()
  @Type(() => SentContact)
  signedBy!: SentContact;
  @IsNotEmpty({ message: 'customer must be given' })
  @ValidateNested()
  @Type(() => SentCustomerRef)
  customer!: SentCustomerRef;
  @WireInstant() signedOn!: string;
  @IsNotEmpty({ message: 'templateId must be given' }) @IsString() @Length(1, 100) templateId!: string;
}

@AllowApiKey()
@UseInterceptors(Work365Translation)
@Controller()
export class AgreementsController {
  constructor(
    private readonly requests: RequestClient,
    private readonly agreements: AgreementStore,
  ) {}

  @Get('customers/:id/agreements')
  @Describe('Agreements whose acceptance has been recorded here.', { returns: Agreement, list: 'array' })
  async list(@CurrentApiKey() client: Work365Client, @Param('id') id: string): Promise<Agreement[]> {
    const account = await readAccount(this.requests, client, id);
    const found = await this.agreements.of(client, account.providerAccountId);
    return found.map((row) => toAgreement(row, account));
  }

  @Post('agreements')
  @HttpCode(200)
  @Describe("Records that a customer accepted Microsoft's agreement.", {
    takes: SentAgreement,
    returns: Agreement,
  })
  @Audited('agreement.record')
  async record(
    @CurrentApiKey() client: Work365Client,
    @WireBody(SentAgreement) { customer, signedBy, signedOn, templateId, name }: SentAgreement,
  ): Promise<Agreement> {
    const { firstName, lastName, email, phoneNumber = null } = signedBy;
    const missing = Object.entries({ firstName, lastName, email }).filter(([, value]) => !value);
    if (missing.length > 0)
      throw invalidInput(
        missing.map(([field]) => ({ field: `signedBy.${field}`, message: `${field} must be given` })),
      );
    if (!isEmail(email))
      throw invalidInput([{ field: 'signedBy.email', message: 'email is not an e-mail address' }]);
    if (toInstant(signedOn).getTime() > Date.now() + 86_400_000)
      throw invalidInput([{ field: 'signedOn', message: 'signedOn must not be in the future' }]);
    const account = await readAccount(this.requests, client, customer.id);
    const row = await this.agreements.record(client, {
      customerId: account.providerAccountId,
      templateId,
      name: name ?? null,
      signedBy: { firstName: firstName!, lastName: lastName!, email: email!, phoneNumber },
      signedOn: toInstant(signedOn),
    });
    return toAgreement(row, account);
  }
}

/** Requests of other services about agreements. */
@Controller()
export class AgreementsResponder {
  constructor(private readonly agreements: AgreementStore) {}

  @RespondTo(ReadAcceptedAgreement)
  async read({
    tenantId,
    connectorId,
    providerAccountId,
  }: ReadAcceptedAgreement): Promise<ReadAcceptedAgreementResponse> {
    const latest = await inTenant(tenantId, () =>
      this.agreements.latest({ tenantId, connectorId }, providerAccountId),
    );
    return latest ? { agreement: toAcceptedAgreement(latest) } : {};
  }
}

const toAgreement = (row: StoredAgreement, account: ProviderAccountV1): Agreement => ({
  id: row.id,
  name: row.name,
  createdOn: row.createdAt.toISOString(),
  modifiedOn: null,
  signedBy: { ...emptyModel, ...row.signedBy },
  customer: { id: account.providerAccountId, name: account.name },
  signedOn: row.signedOn.toISOString(),
  templateId: row.templateId,
});
