import { Suspense, useEffect, useRef, type ReactNode } from 'react';
import { Button, Menu, MenuPopover, MenuTrigger, useRestoreFocusTarget } from '@fluentui/react-components';
import type { LazyMenuProps } from './lazy-menu.tsx';

/** See `LazyMenu`: the click that wanted it opens it. */
export default function OpenMenu({ label, icon, children }: LazyMenuProps): ReactNode {
  const restoreFocus = useRestoreFocusTarget();
  return (
    <Menu positioning="below-end" defaultOpen>
      <MenuTrigger disableButtonEnhancement>
        <Button {...restoreFocus} appearance="subtle" icon={icon} aria-label={label} />
      </MenuTrigger>
      <MenuPopover>
        <Suspense fallback={null}>
          <FirstFocused>{children}</FirstFocused>
        </Suspense>
      </MenuPopover>
    </Menu>
  );
}

/** The menu gives the focus to its first item when it opens; these come a moment later. */
function FirstFocused({ children }: { children: ReactNode }): ReactNode {
  const items = useRef<HTMLDivElement>(null);
  useEffect(() => items.current?.querySelector<HTMLElement>('[role^="menuitem"]')?.focus(), []);
  return <div ref={items}>{children}</div>;
}
