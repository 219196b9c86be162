import type { FromWorker, ToWorker } from '../../src/worker/protocol';
import { Host } from '../../src/worker/host';

type Kind = FromWorker['type'];
type Message<K extends Kind> = Extract<FromWorker, { readonly type: K }>;

/** A worker in place that runs on plain JavaScript; `fetch` must have been stubbed. */
export async function worker() {
  const heard: FromWorker[] = [];
  const waiting: { test: (message: FromWorker) => boolean; resolve: () => void }[] = [];
  const host = new Host((message) => {
    heard.push(message);
    for (const one of waiting.filter(({ test }) => test(message))) one.resolve();
  });
  const until = (test: (message: FromWorker) => boolean) =>
    heard.some(test)
      ? Promise.resolve()
      : new Promise<void>((resolve) => waiting.push({ test, resolve }));
  const send = (message: ToWorker) => host.receive(message);
  const of = <K extends Kind>(type: K) =>
    heard.filter((message): message is Message<K> => message.type === type);
  send({ type: 'hello', backend: 'cpu', base: 'http://localhost/' });
  await until(({ type }) => type === 'ready' || type === 'failed');
  const stopped = (run: number) => (message: FromWorker) =>
    message.type === 'state' && message.run === run && message.state === 'stopped';
  const doing = (what: string) => (message: FromWorker) =>
    message.type === 'working' && message.what === what;
  return { send, until, of, heard, stopped, doing };
}
