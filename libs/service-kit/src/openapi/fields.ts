import { IsOptional } from 'class-validator';

/** The field may be `null`, but not left out. */
export function OrNull(): PropertyDecorator {
  return IsOptional();
}
