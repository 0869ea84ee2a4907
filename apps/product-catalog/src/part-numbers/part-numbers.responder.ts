import {
  NameProducts,
  ResolvePartNumber,
  type NamedProducts,
  type PartNumberQuestionV1,
  type ResolvedPartNumbers,
} from '@isthmus/contracts';
import { InvalidPartNumber, PartNumber } from '@isthmus/domain';
import { Answers } from '@isthmus/messaging';
import { TenantStore } from '@isthmus/service-kit';
import { Controller } from '@nestjs/common';
import { invalidPartNumber, toResolution } from './part-numbers.dto.ts';
import { nameProducts, resolveMany } from './resolution.store.ts';
import type { Question } from './resolution.ts';

@Controller()
export class PartNumbersResponder {
  constructor(private readonly store: TenantStore) {}

  /** In the order of the request; a text that is not a part number does not spoil the others. */
  @Answers(ResolvePartNumber)
  async resolve({ tenantId, connectorId, questions }: ResolvePartNumber): Promise<ResolvedPartNumbers> {
    const parsed = questions.map((question) => parseQuestion(question));
    const valid = parsed.filter((one): one is Question => !(one instanceof InvalidPartNumber));
    const resolutions = await resolveMany(this.store.rows(tenantId), connectorId, valid);
    let next = 0;
    const answers = parsed.map((one, index) => {
      const { partNumber } = questions[index]!;
      if (one instanceof InvalidPartNumber) return invalidPartNumber(partNumber, one);
      return toResolution(partNumber, resolutions[next++]!);
    });
    return { answers };
  }

  @Answers(NameProducts)
  async name({ tenantId, connectorId, products }: NameProducts): Promise<NamedProducts> {
    return { names: await nameProducts(this.store.rows(tenantId), connectorId, products) };
  }
}

function parseQuestion({
  partNumber,
  billingPeriod,
  term,
}: PartNumberQuestionV1): Question | InvalidPartNumber {
  try {
    return { partNumber: PartNumber.parse(partNumber), billingPeriod, term };
  } catch (error) {
    if (error instanceof InvalidPartNumber) return error;
    throw error;
  }
}
