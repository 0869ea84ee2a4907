import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { conforms } from './conforms.ts';
import { type ContractClass, contractOf, ContractViolated, nameOf } from './contract.ts';

/**
 * Checks a received payload against its contract. Fields the contract does not name are kept and ignored: within a major
 * version producers may add some.
 *
 * @throws ContractViolated naming every field that is wrong
 */
export function decode<T extends object>(type: ContractClass<T>, payload: unknown): T {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    throw new ContractViolated(contractName(type), ['it is not an object']);
  }
  const value = plainToInstance(type, payload);
  if (conforms(value)) return value;
  const errors = validateSync(value, { forbidUnknownValues: false });
  if (errors.length > 0)
    throw new ContractViolated(
      contractName(type),
      errors.flatMap((error) => violations(error)),
    );
  return value;
}

function contractName(type: ContractClass): string {
  try {
    return nameOf(contractOf(type));
  } catch {
    // A response's class has no name of its own.
    return type.name;
  }
}

function violations(error: ValidationError, path = ''): string[] {
  const field = path ? `${path}.${error.property}` : error.property;
  const own = Object.values(error.constraints ?? {}).map((text) => (path ? `${path}: ${text}` : text));
  return [...own, ...(error.children ?? []).flatMap((child) => violations(child, field))];
}
