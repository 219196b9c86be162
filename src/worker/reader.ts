/// <reference lib="webworker" />
import { faultOf } from '../recipe/errors';
import { fromBlob } from '../upload/bytes';
import { decodeImage } from './decode-image';
import type { FromReader, ToReader } from './protocol-reading';
import { answerReading } from './reading';

const scope = self as unknown as DedicatedWorkerGlobalScope;
const post = (message: FromReader, buffers: ArrayBuffer[]) => scope.postMessage(message, buffers);

scope.onmessage = ({ data: { kind, files } }: MessageEvent<ToReader>) => {
  const given = files.map(({ path, blob }) => fromBlob(path, blob));
  void answerReading(kind, given, post, decodeImage);
};
scope.onunhandledrejection = (event) => {
  event.preventDefault();
  post({ type: 'failed', fault: faultOf(event.reason) }, []);
};
