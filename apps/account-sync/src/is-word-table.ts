import { ValidateBy } from 'class-validator';

/** Accepts a JSON object whose values are all among `allowed`. */
export const IsWordTable = (allowed: readonly string[]) =>
  ValidateBy({
    name: 'isWordTable',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && isTable(value, allowed),
      defaultMessage: () => `$property must be a JSON object whose values are among ${allowed.join(', ')}`,
    },
  });

function isTable(text: string, allowed: readonly string[]): boolean {
  try {
    const table: unknown = JSON.parse(text);
    return (
      typeof table === 'object' &&
      table !== null &&
      !Array.isArray(table) &&
      Object.values(table).every((value) => allowed.includes(value as string))
    );
  } catch {
    return false;
  }
}
