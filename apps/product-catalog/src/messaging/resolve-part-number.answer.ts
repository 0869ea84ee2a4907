import { Controller } from '@nestjs/common';
import { ResolvePartNumber, type ResolvedPartNumbers } from '@isthmus/contracts';
import { Answers } from '@isthmus/messaging';
import { TenantStore } from '@isthmus/service-kit';
import { answerQuestions } from '../persistence/queries/answer-questions.query.ts';

@Controller()
export class AnswerResolvePartNumber {
  constructor(private readonly store: TenantStore) {}

  @Answers(ResolvePartNumber)
  async resolve({ tenantId, connectorId, questions }: ResolvePartNumber): Promise<ResolvedPartNumbers> {
    return { answers: await answerQuestions(this.store.rows(tenantId), connectorId, questions) };
  }
}
