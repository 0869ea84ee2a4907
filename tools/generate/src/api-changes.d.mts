export function breakingChanges(before: object, after: object): string[];
export function namedChanges(text: string): string[];
