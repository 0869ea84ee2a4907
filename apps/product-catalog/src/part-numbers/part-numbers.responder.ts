import {
  type NamedProducts,
  NameProducts,
  type PartNumberQuestionV1,
  type PartNumberResolutionV1,
  type ResolvedPartNumbers,
  ResolvePartNumber,
} from '@isthmus/contracts';
import { InvalidPartNumber, PartNumber } from '@isthmus/domain';
import { Answers } from '@isthmus/messaging';
import { type TenantRows, TenantStore } from '@isthmus/service-kit';
import { Controller } from '@nestjs/common';
import { notAPartNumber, showResolution } from './part-numbers.dto.ts';
import { nameProducts, resolveMany } from './resolution.store.ts';
import type { Question } from './resolution.ts';

@Controller()
export class AnswerResolvePartNumber {
  constructor(private readonly store: TenantStore) {}

  @Answers(ResolvePartNumber)
  async resolve({ tenantId, connectorId, questions }: ResolvePartNumber): Promise<ResolvedPartNumbers> {
    return { answers: await answerQuestions(this.store.rows(tenantId), connectorId, questions) };
  }
}

@Controller()
export class AnswerNameProducts {
  constructor(private readonly store: TenantStore) {}

  @Answers(NameProducts)
  async name({ tenantId, connectorId, products }: NameProducts): Promise<NamedProducts> {
    return { names: await nameProducts(this.store.rows(tenantId), connectorId, products) };
  }
}

/** Answers every question, in order; a text that is no part number does not spoil the others. */
export async function answerQuestions(
  rows: TenantRows,
  connectorId: string,
  questions: readonly PartNumberQuestionV1[],
): Promise<PartNumberResolutionV1[]> {
  const read = questions.map((question) => readQuestion(question));
  const askable = read.filter((one): one is Question => !(one instanceof InvalidPartNumber));
  const resolutions = await resolveMany(rows, connectorId, askable);
  let next = 0;
  return read.map((one, index) => {
    const { partNumber } = questions[index]!;
    if (one instanceof InvalidPartNumber) return notAPartNumber(partNumber, one);
    return showResolution(partNumber, resolutions[next++]!);
  });
}

function readQuestion({
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
