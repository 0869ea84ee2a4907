import { i18n, type Messages } from '@lingui/core';

export const languages = ['en', 'de'] as const;
export type Language = (typeof languages)[number];

for (const language of languages) i18n.load(language, {});

/** The texts of a page or a part, under names that are typed: one that is missing in a language does not compile. */
export interface Texts<Name extends string> {
  readonly namespace: string;
  readonly names: ReadonlySet<Name>;
}

/** Compiled texts, by their names. The id of a text is `<namespace>.<name>`. */
export function loadTexts<Name extends string>(
  namespace: string,
  compiled: Readonly<Record<Language, Readonly<Record<Name, unknown>>>>,
): Texts<Name> {
  for (const language of languages) {
    const texts = Object.entries(compiled[language]).map(([name, text]) => [`${namespace}.${name}`, text]);
    i18n.load(language, Object.fromEntries(texts) as Messages);
  }
  return { namespace, names: new Set(Object.keys(compiled.en) as Name[]) };
}

export { i18n };
