import type { PartNumberQuestionV1, PartNumberResolutionV1 } from '@isthmus/contracts';
import { InvalidPartNumber, PartNumber } from '@isthmus/domain';
import type { TenantRows } from '@isthmus/service-kit';
import type { Question } from '../../domain/resolve-part-number.ts';
import { notAPartNumber, showResolution } from '../../domain/show-resolution.ts';
import { resolveMany } from './resolve-many.query.ts';

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
