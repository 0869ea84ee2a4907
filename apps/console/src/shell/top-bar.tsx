import { useCallback, useSyncExternalStore, type ReactNode } from 'react';
import {
  Avatar,
  Button,
  makeStyles,
  Menu,
  MenuDivider,
  MenuGroup,
  MenuGroupHeader,
  MenuItem,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Select,
  Text,
  tokens,
} from '@fluentui/react-components';
import { SearchRegular } from '@fluentui/react-icons';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useConnectors } from '../data/connectors.ts';
import { signOut } from '../data/me.ts';
import { useMe } from '../data/session.tsx';
import { formatOf } from '../texts/format.ts';
import { languages, type Language } from '../texts/texts.ts';
import { useCommon, useLanguage, useTexts } from '../texts/use-texts.ts';
import { prefer, themes, usePreferences, type Theme } from './preferences.ts';
import { shell } from './texts.ts';

const useStyles = makeStyles({
  bar: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalM,
    alignItems: 'center',
    flexGrow: 1,
    padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalM}`,
    minWidth: 0,
  },
  brand: {
    fontWeight: tokens.fontWeightSemibold,
    fontSize: tokens.fontSizeBase400,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: 'none',
  },
  push: { marginInlineStart: 'auto' },
  select: { minWidth: '9rem', maxWidth: '16rem' },
});

const product = 'Isthmus';

/** Search, whose data and of which connector, how fresh it is, and who is signed in. */
export function TopBar({ onSearch }: { onSearch: () => void }): ReactNode {
  const t = useTexts(shell);
  const styles = useStyles();
  const { tenant, tenantName } = useMe();
  return (
    <div className={styles.bar}>
      <Link to="/admin/hub/integrations" className={styles.brand}>
        {product}
      </Link>
      <Button appearance="outline" icon={<SearchRegular />} onClick={onSearch} aria-keyshortcuts="Control+K">
        {t('searchOpen')}
      </Button>
      <ConnectorChooser />
      <Text className={styles.push} title={t('tenant', { tenant: tenantName ?? tenant })}>
        {tenantName ?? tenant}
      </Text>
      <Freshness />
      <MeMenu />
    </div>
  );
}

/** The connector that lists are of; it stays in the address. */
function ConnectorChooser(): ReactNode {
  const t = useTexts(shell);
  const common = useCommon();
  const styles = useStyles();
  const navigate = useNavigate();
  const { connector } = useSearch({ strict: false });
  const { connectors } = useConnectors();
  if (connectors.length < 2 && !connector) return null;
  return (
    <Select
      className={styles.select}
      aria-label={common('connector')}
      value={connector ?? ''}
      onChange={(_, { value }) =>
        void navigate({ to: '.', search: (before) => ({ ...before, connector: value || undefined }) })
      }
    >
      <option value="">{t('allConnectors')}</option>
      {connectors.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </Select>
  );
}

/** Since when what is shown is so: the oldest answer on the page, and whether a newer one failed to come. */
function Freshness(): ReactNode {
  const t = useTexts(shell);
  const common = useCommon();
  const client = useQueryClient();
  const format = formatOf(useLanguage());
  const cache = client.getQueryCache();
  const subscribe = useCallback(
    // Queries tell in the midst of drawing; who listens must not draw then.
    (listener: () => void) => cache.subscribe(() => queueMicrotask(listener)),
    [cache],
  );
  const seen = useSyncExternalStore(subscribe, () => {
    const shown = cache.findAll({ type: 'active' });
    const received = shown.map(({ state }) => state.dataUpdatedAt).filter((at) => at > 0);
    const failed = shown.some(({ state }) => state.error !== null);
    return `${received.length > 0 ? Math.min(...received) : 0} ${failed ? 'failed' : 'fine'}`;
  });
  const [since = '0', how] = seen.split(' ');
  if (since === '0') return null;
  const time = format.time(new Date(Number(since)));
  return (
    <Text title={how === 'fine' ? t('upToDate', { time }) : t('notUpToDate')}>
      {common('asOf', { time })}
      {how === 'failed' && ` – ${t('notUpToDate')}`}
    </Text>
  );
}

function MeMenu(): ReactNode {
  const t = useTexts(shell);
  const { name, roles } = useMe();
  const { language, theme } = usePreferences();
  const checkedValues = { language: [language], theme: [theme] };
  const change = (
    _: unknown,
    { name: what, checkedItems: [value] }: { name: string; checkedItems: string[] },
  ): void => prefer(what === 'language' ? { language: value as Language } : { theme: value as Theme });
  return (
    <Menu checkedValues={checkedValues} onCheckedValueChange={change}>
      <MenuTrigger disableButtonEnhancement>
        <Button
          appearance="subtle"
          icon={<Avatar name={name} size={28} aria-hidden />}
          aria-label={t('me', { name })}
        />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
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
      </MenuPopover>
    </Menu>
  );
}
