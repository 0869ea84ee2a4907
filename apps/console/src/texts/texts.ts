import { i18n } from '@lingui/core';
import { compileMessage } from '@lingui/message-utils/compileMessage';

export const languages = ['en', 'de'] as const;
export type Language = (typeof languages)[number];

i18n.setMessagesCompiler(compileMessage);
for (const language of languages) i18n.load(language, {});

/** The texts of a page or a part, under names that are typed: one that is missing in a language does not compile. */
export interface Texts<Name extends string> {
  readonly namespace: string;
  readonly en: Readonly<Record<Name, string>>;
  readonly de: Readonly<Record<Name, string>>;
}

/**
 * Texts in ICU message format, as `{count, plural, one {# row} other {# rows}}`.
 * @param namespace unique: the id of a text is `<namespace>.<name>`
 */
export function defineTexts<const En extends Record<string, string>>(
  namespace: string,
  { en, de }: { en: En; de: Readonly<Record<keyof En, string>> },
): Texts<keyof En & string> {
  for (const [language, texts] of Object.entries({ en, de }))
    i18n.load(
      language,
      Object.fromEntries(
        Object.entries<string>(texts).map(([name, text]) => [`${namespace}.${name}`, compileMessage(text)]),
      ),
    );
  return { namespace, en, de };
}

export { i18n };
