export function documentedEvents(root: string): Promise<Record<string, string>>;
export function standalone(name: string, schemas: Record<string, object>): object;
