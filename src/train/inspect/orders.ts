import type { Meaning } from '../../recipe/meaning';
import type { ReadNetwork } from '../../upload/given';
import type { Fit } from '../../upload/inspect/shape';
import type { Answered } from './body';
import type { Trial } from './tries';

type Order = Meaning['flatten'];
type How = Pick<Meaning, 'resize' | 'flatten'>;

const WORDS: Readonly<Record<Order, string>> = {
  pixels: 'pixel by pixel',
  colours: 'one colour after the other',
};

/** The order in which networks of a form mostly read the colours of an image from a list. */
export const likelierOrder = ({ format }: ReadNetwork): Order =>
  format === 'onnx' || format === 'pytorch' || format === 'safetensors' ? 'colours' : 'pixels';

/**
 * The orders in which a network may read the colours of an image from a list, the likelier first: PyTorch and what is
 * exported from it keep one colour after the other. One where nothing has to be found out.
 */
export function ordersFor(
  net: ReadNetwork,
  { image, reshaped, order }: Fit,
  corrections: Partial<Meaning>,
): readonly Order[] {
  if (corrections.flatten) return [corrections.flatten];
  if (order) return [order];
  if (!reshaped || (image?.[2] ?? 1) === 1) return ['pixels'];
  return likelierOrder(net) === 'colours' ? ['colours', 'pixels'] : ['pixels', 'colours'];
}

/** What came out of trying. */
interface Found {
  /** The normalisations under the order that does best, the best first. */
  readonly trials: readonly Trial[];
  readonly best: Trial;
  readonly how: How;
  /** The answers of the best on the examples that it is judged by. */
  readonly held: Answered;
  /** What is said of the order, where it was found by trying. */
  readonly said: readonly string[];
}

/**
 * Tries the orders in turn.
 *
 * @param tried the normalisations under an order, the best first @param judged answers on other examples
 */
export async function tryOrders(
  orders: readonly Order[],
  resize: Meaning['resize'],
  tried: (how: How) => Promise<readonly Trial[]>,
  judged: (best: Trial, how: How) => Promise<Answered>,
): Promise<Found> {
  const all: Pick<Found, 'trials' | 'best' | 'how'>[] = [];
  for (const flatten of orders) {
    const how = { resize, flatten };
    const trials = await tried(how);
    const [best] = trials;
    if (!best) throw new Error('no normalisation was tried');
    all.push({ trials, best, how });
  }
  const rank = ({ best }: Pick<Found, 'best'>) => Math.max(best.score, best.reordered?.score ?? 0);
  const [first, ...others] = all;
  if (!first) throw new Error('no order was tried');
  const winner = others.reduce((top, other) => (rank(other) > rank(top) ? other : top), first);
  const said = all
    .filter((one) => one !== winner)
    .map(
      (other) =>
        `It reads the colours ${WORDS[winner.how.flatten]}: by trying, on ${winner.best.images} labelled examples, ${winner.best.score.toFixed(3)} against ${other.best.score.toFixed(3)} ${WORDS[other.how.flatten]}.`,
    );
  return { ...winner, held: await judged(winner.best, winner.how), said };
}
