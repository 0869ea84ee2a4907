import { lazy, Suspense, useState, type ReactElement, type ReactNode } from 'react';
import { Button, useRestoreFocusTarget } from '@fluentui/react-components';

const load = () => import('./open-menu.tsx');
const OpenMenu = lazy(load);

export interface LazyMenuProps {
  /** What the button is called; only its icon is seen. */
  label: string;
  icon: ReactElement;
  /** A `MenuList`, loaded with the menu. */
  children: ReactNode;
}

/**
 * A button with a menu. The menu's program is fetched when somebody goes near the button, not with the page: it is a fifth
 * of what a page would load.
 */
export function LazyMenu(props: LazyMenuProps): ReactNode {
  const { label, icon } = props;
  const [isWanted, setWanted] = useState(false);
  const restoreFocus = useRestoreFocusTarget();
  const button = (
    <Button
      {...restoreFocus}
      appearance="subtle"
      icon={icon}
      aria-label={label}
      aria-haspopup="menu"
      aria-expanded={false}
      onClick={() => setWanted(true)}
      onPointerEnter={() => void load()}
      onFocus={() => void load()}
    />
  );
  return isWanted ? (
    <Suspense fallback={button}>
      <OpenMenu {...props} />
    </Suspense>
  ) : (
    button
  );
}
