/** What this process and those that it started have tried outside of this machine since the last call: those are not failures any more. */
export function takeBlocked(): string[];
