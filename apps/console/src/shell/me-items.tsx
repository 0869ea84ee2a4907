import type { ReactNode } from 'react';
import {
  MenuDivider,
  MenuGroup,
  MenuGroupHeader,
  MenuItem,
  MenuItemRadio,
  MenuList,
} from '@fluentui/react-components';
import { signOut } from '../data/me.ts';
import { useMe } from '../data/session.tsx';
import { languages, type Language } from '../texts/catalog.ts';
import { useTexts } from '../texts/use-texts.ts';
import { prefer, themes, usePreferences, type Theme } from './preferences.ts';
import { shell } from './texts.ts';

/** Who is signed in, how the console speaks and looks, and the way out. */
export default function MeItems(): ReactNode {
  const t = useTexts(shell);
  const { name, roles } = useMe();
  const { language, theme } = usePreferences();
  return (
    <MenuList
      checkedValues={{ language: [language], theme: [theme] }}
      onCheckedValueChange={(_, { name: what, checkedItems: [value] }) =>
        prefer(what === 'language' ? { language: value as Language } : { theme: value as Theme })
      }
    >
      <MenuGroup>
        <MenuGroupHeader>{t('me', { name })}</MenuGroupHeader>
        <MenuGroupHeader>{t('role', { roles: roles.join(', ') })}</MenuGroupHeader>
      </MenuGroup>
      <MenuDivider />
      <MenuGroup>
        <MenuGroupHeader>{t('language')}</MenuGroupHeader>
        {languages.map((one) => (
          <MenuItemRadio key={one} name="language" value={one} lang={one}>
            {t(`language-${one}`)}
          </MenuItemRadio>
        ))}
      </MenuGroup>
      <MenuDivider />
      <MenuGroup>
        <MenuGroupHeader>{t('theme')}</MenuGroupHeader>
        {themes.map((one) => (
          <MenuItemRadio key={one} name="theme" value={one}>
            {t(`theme-${one}`)}
          </MenuItemRadio>
        ))}
      </MenuGroup>
      <MenuDivider />
      <MenuItem onClick={() => void signOut()}>{t('signOut')}</MenuItem>
    </MenuList>
  );
}
