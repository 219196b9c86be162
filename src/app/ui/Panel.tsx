import type { ReactNode } from 'react';
import ui from './ui.module.css';

/** A named region of the page with its small heading. */
export function Panel({
  name,
  title = name,
  aside,
  action,
  className,
  children,
}: {
  /** The region's name for assistive technology. */
  name: string;
  title?: string;
  /** Stands beside the title, in plain letters. */
  aside?: ReactNode;
  /** A button at the end of the heading's line. */
  action?: ReactNode;
  className?: string | undefined;
  children: ReactNode;
}) {
  return (
    <section aria-label={name} className={className}>
      <div className={ui.top}>
        <h2 className={ui.heading}>
          {title}
          {aside !== undefined && <span className={ui.aside}> {aside}</span>}
        </h2>
        {action}
      </div>
      {children}
    </section>
  );
}
