import { useEffect, useState } from 'react';
import { useDispatch, useSession } from '../context';
import { copyText } from '../ui/copy';
import ui from '../ui/ui.module.css';

/** Copies a link with the settings on the page: the preset and what differs from it. */
export function ShareButton() {
  const session = useSession();
  const dispatch = useDispatch();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2500);
    return () => clearTimeout(timer);
  }, [copied]);
  const share = async () => {
    const link = `${location.origin}${location.pathname}#${session.hash()}`;
    if (await copyText(link)) setCopied(true);
    else
      dispatch({
        type: 'notice',
        notice: {
          key: 'share',
          tone: 'info',
          sentence: `The browser did not let the page copy the link. Here it is: ${link}`,
        },
      });
  };
  return (
    <button type="button" className={ui.button} title="Copy a link" onClick={() => void share()}>
      {copied ? 'Link copied' : 'Share'}
    </button>
  );
}
