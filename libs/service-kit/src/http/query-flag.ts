import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsBoolean } from 'class-validator';

const words: Record<string, boolean> = { true: true, false: false };

/** A yes or no in a query: `true` or `false`, nothing else. */
export function QueryFlag(): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }) => (typeof value === 'string' ? (words[value] ?? value) : (value as unknown))),
    IsBoolean(),
  );
}
