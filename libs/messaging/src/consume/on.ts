import { UseFilters } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { contractOf, type ContractClass } from '@isthmus/contracts';
import type { Message } from '../message.ts';
import { RethrowFilter } from './rethrow.filter.ts';

type Handler<T> = (data: T, message: Message) => Promise<unknown>;

/**
 * The method hears this event. It is called with the checked data and the message, and the message is acknowledged when its
 * promise resolves; a method whose first parameter is of another type does not compile.
 */
export function On<T extends object>(contract: ContractClass<T>) {
  return <H extends Handler<T>>(
    target: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<H>,
  ): void => {
    // Without parameter decorators Nest passes the payload only.
    Payload()(target, key, 0);
    Ctx()(target, key, 1);
    UseFilters(RethrowFilter)(target, key, descriptor);
    EventPattern<string>(contractOf(contract).subject)(target, key, descriptor);
  };
}
