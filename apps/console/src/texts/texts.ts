import { compileMessage } from '@lingui/message-utils/compileMessage';
import { loadTexts, type Texts } from './catalog.ts';

const compiledIn = <T extends Readonly<Record<string, string>>>(texts: T): Record<keyof T, unknown> =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, compileMessage(text)])) as never;

/**
 * Texts in ICU message format, as `{count, plural, one {# row} other {# rows}}`. The build compiles them (see
 * `compiled-texts.mjs`): neither this function nor the compiler gets into a browser.
 * @param namespace unique: the id of a text is `<namespace>.<name>`
 */
export const defineTexts = <const En extends Record<string, string>>(
  namespace: string,
  { en, de }: { en: En; de: Readonly<Record<keyof En, string>> },
): Texts<keyof En & string> => loadTexts(namespace, { en: compiledIn(en), de: compiledIn(de) });
