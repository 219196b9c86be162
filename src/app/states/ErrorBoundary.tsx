import { Component, type ErrorInfo, type ReactNode } from 'react';
import { faultOf } from '../../recipe/errors';
import ui from '../ui/ui.module.css';
import { CopyButton, faultText } from './Trouble';
import styles from './Trouble.module.css';

interface State {
  readonly report: string | null;
}

/** Stands in for the page when drawing it failed: what happened, to copy, and a way back. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { report: null };

  static getDerivedStateFromError(thrown: unknown): State {
    return { report: faultText(faultOf(thrown)) };
  }

  override componentDidCatch(thrown: unknown, info: ErrorInfo): void {
    const where = info.componentStack ?? '';
    this.setState({ report: `${faultText(faultOf(thrown))}\n\nin:${where}\n\n${location.href}` });
  }

  override render(): ReactNode {
    if (this.state.report === null) return this.props.children;
    return (
      <main className={styles.crash}>
        <h1>The page could not be drawn</h1>
        <p>
          This is a mistake in the page, not in your settings: they are in the address and come back
          after a reload. The report says what happened; it holds nothing but that and the settings.
        </p>
        <div className={styles.actions}>
          <CopyButton label="Copy report" text={this.state.report} />
          <button type="button" className={ui.filled} onClick={() => location.reload()}>
            Reload
          </button>
        </div>
      </main>
    );
  }
}
