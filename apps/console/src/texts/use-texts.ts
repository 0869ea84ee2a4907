import { useCallback } from 'react';
import { useLingui } from '@lingui/react';
import { common } from './common.ts';
import type { Language, Texts } from './catalog.ts';

/** The names of some texts. */
export type NameIn<T> = T extends Texts<infer Name> ? Name : never;
export type Translate<Name extends string> = (name: Name, values?: Record<string, unknown>) => string;

/** `const t = useTexts(texts)`, then `t('title')`. The component is drawn anew when the language changes. */
export function useTexts<Name extends string>({ namespace }: Texts<Name>): Translate<Name> {
  const { i18n } = useLingui();
  // i18n stays the same object when the language changes; what it says does not.
  const language = i18n.locale;
  return useCallback(
    (name, values) => (language ? i18n.t(`${namespace}.${name}`, values) : name),
    [i18n, language, namespace],
  );
}

/** Words that all pages share: Save, Cancel, Name, Status … */
export const useCommon = (): Translate<NameIn<typeof common>> => useTexts(common);

export const useLanguage = (): Language => useLingui().i18n.locale as Language;

/**
 * The word for a value of the API, such as a status: the text `<prefix>-<value>`, or the value itself when a newer service
 * has one that this console does not know.
 */
export function useWord<Name extends string>(texts: Texts<Name>): (prefix: string, value: string) => string {
  const t = useTexts(texts);
  return useCallback(
    (prefix, value) => {
      const name = `${prefix}-${value}`;
      return texts.names.has(name as Name) ? t(name as Name) : value;
    },
    [t, texts],
  );
}
