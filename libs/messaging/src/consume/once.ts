/**
 * The rule of the inbox: the effect runs when its message was not noted before. Noting and effect are one transaction, so
 * that neither is there without the other.
 *
 * @param note notes the message; answers false when it had been noted already
 */
export async function once(note: () => Promise<boolean>, effect: () => Promise<unknown>): Promise<void> {
  if (await note()) await effect();
}
