export class NoteLocked extends Error {
  override readonly name = 'NoteLocked';
  readonly code = 'note.locked';
  constructor(readonly note: string) {
    super(`${note} is locked.`);
  }
}
