import { MetricLog } from './metrics';
import { StageFeed, type FeedOptions } from './feed';
import type { RunMessage } from './run';
import type { InputKind } from '../recipe/recipe';
import type { TaskReport } from '../worker/protocol';

/** The board of pictures takes in at most four new ones a second; on the plane, points come and go as they are drawn. */
const PICTURES: FeedOptions = { capacity: 32, interval: 250 };
const POINTS: FeedOptions = { capacity: 60, interval: 0 };

/** What a run's panels draw from outside React's state: its curves and its board of sampled questions. */
export class PanelData {
  readonly log = new MetricLog();
  readonly feed = new StageFeed(PICTURES);

  clear(): void {
    this.log.clear();
    this.feed.clear(PICTURES);
  }

  take(message: RunMessage): void {
    switch (message.type) {
      case 'prepared':
        this.log.clear();
        this.feed.clear(kindOf(message.report) === 'image' ? PICTURES : POINTS);
        break;
      case 'metrics':
        this.log.train(message.progress.step, message.train);
        break;
      case 'evaluated':
        this.log.evaluated(message.point);
        break;
      case 'stage':
        this.feed.offer(message.samples);
        break;
      case 'answers':
        this.feed.refresh(message.step, message.questions);
        break;
      case 'working':
      case 'state':
      case 'plane':
      case 'line':
      case 'tested':
      case 'exploded':
      case 'notice':
      case 'failed':
        break;
    }
  }
}

/** Whether a task's inputs are pictures, points on the plane, or places on a line. */
export function kindOf({ shape }: TaskReport): InputKind {
  if (shape.length > 1) return 'image';
  return shape[0] === 1 ? 'line' : 'plane';
}
