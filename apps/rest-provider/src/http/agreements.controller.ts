import { Controller, Get, HttpCode, Param, Post, UseInterceptors } from '@nestjs/common';
import type { ProviderAccountV1 } from '@isthmus/contracts';
import { Asker } from '@isthmus/messaging';
import { AllowApiKey, CurrentKey, Describe, invalidInput } from '@isthmus/service-kit';
import { isEmail } from 'class-validator';
import { readAccount } from '../commands/ask-all.ts';
import { Agreements, type AgreementRow } from '../persistence/agreements.ts';
import { Agreement, SentAgreement } from './agreement.dto.ts';
import { noModel } from './model.dto.ts';
import { WireBody } from './wire-body.ts';
import { instantOf } from './wire-types.ts';
import { Work365Client } from './work365-client.ts';
import { SpeakWork365 } from './work365.interceptor.ts';

@AllowApiKey()
@UseInterceptors(SpeakWork365)
@Controller()
export class AgreementsController {
  constructor(
    private readonly asker: Asker,
    private readonly agreements: Agreements,
  ) {}

  @Get('customers/:id/agreements')
  @Describe('Agreements whose acceptance was recorded here.', { returns: Agreement, list: 'array' })
  async list(@CurrentKey() client: Work365Client, @Param('id') id: string): Promise<Agreement[]> {
    const account = await readAccount(this.asker, client, id);
    const found = await this.agreements.of(client, account.providerAccountId);
    return found.map((row) => showAgreement(row, account));
  }

  @Post('agreements')
  @HttpCode(200)
  @Describe("Records that a customer accepted Microsoft's agreement.", {
    takes: SentAgreement,
    returns: Agreement,
  })
  async record(
    @CurrentKey() client: Work365Client,
    @WireBody(SentAgreement) { customer, signedBy, signedOn, templateId, name }: SentAgreement,
  ): Promise<Agreement> {
    const { firstName, lastName, email, phoneNumber = null } = signedBy;
    const missing = Object.entries({ firstName, lastName, email }).filter(([, value]) => !value);
    if (missing.length > 0)
      throw invalidInput(
        missing.map(([field]) => ({ field: `signedBy.${field}`, message: `${field} must be given` })),
      );
    if (!isEmail(email))
      throw invalidInput([{ field: 'signedBy.email', message: 'email is no e-mail address' }]);
    if (instantOf(signedOn).getTime() > Date.now() + 86_400_000)
      throw invalidInput([{ field: 'signedOn', message: 'signedOn must not be in the future' }]);
    const account = await readAccount(this.asker, client, customer.id);
    const row = await this.agreements.record(client, {
      customerId: account.providerAccountId,
      templateId,
      name: name ?? null,
      signedBy: { firstName: firstName!, lastName: lastName!, email: email!, phoneNumber },
      signedOn: instantOf(signedOn),
    });
    return showAgreement(row, account);
  }
}

const showAgreement = (row: AgreementRow, account: ProviderAccountV1): Agreement => ({
  id: row.id,
  name: row.name,
  createdOn: row.createdAt.toISOString(),
  modifiedOn: null,
  signedBy: { ...noModel, ...row.signedBy },
  customer: { id: account.providerAccountId, name: account.name },
  signedOn: row.signedOn.toISOString(),
  templateId: row.templateId,
});
