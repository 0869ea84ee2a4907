/** A text that is no part number. `position` counts characters from 1 in the text as it was given. */
export class InvalidPartNumber extends Error {
  override readonly name = 'InvalidPartNumber';
  readonly code = 'part-number.invalid';

  constructor(
    readonly text: string,
    readonly position: number,
    readonly problem: string,
  ) {
    super(
      `${JSON.stringify(text.slice(0, 80))} is not a part number: ${problem} at position ${position}. ` +
        'Write it as INGRAM:vendorID:mpn.',
    );
  }
}
