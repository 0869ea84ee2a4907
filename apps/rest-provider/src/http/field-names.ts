/** The value with every member's name changed, at any depth. */
export function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [rename(name), renamed(member, rename)]),
  );
}

export const camelCase = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
export const pascalCase = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
