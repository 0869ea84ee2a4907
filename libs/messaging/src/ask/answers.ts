import { UseFilters } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { contractOf, type AskClass } from '@isthmus/contracts';
import { RethrowFilter } from '../consume/rethrow.filter.ts';
import type { AskContext } from './ask-context.ts';

type Answerer<Q, A> = (question: Q, context: AskContext) => Promise<A>;

/** The method answers this question; its parameter and its answer are those of the contract, or it does not compile. */
export function Answers<Q extends object, A extends object>(contract: AskClass<Q, A>) {
  return <H extends Answerer<Q, A>>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<H>,
  ): void => {
    Payload()(target, key, 0);
    Ctx()(target, key, 1);
    UseFilters(RethrowFilter)(target, key, descriptor);
    MessagePattern(contractOf(contract).subject)(target, key, descriptor);
  };
}
