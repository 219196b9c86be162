import type { Room } from '../gpu/room';
import { isGeneral, shapesOf } from '../models/net/graph';
import type { Graph } from '../models/net/graph';
import { LESS, UserError } from '../recipe/errors';

/** Bytes of a number. */
const BYTES = 4;

/**
 * Refuses a network whose step cannot fit: every layer's answers to the batch stay until its gradient is taken, and each
 * is one piece of memory. What is counted is less than a step really needs, so nothing is refused that could run.
 *
 * @throws UserError naming what is needed and what there is
 */
export function requireRoom(name: string, graph: Graph, batch: number, room: Room): void {
  const shapes = shapesOf(graph);
  // What only turns its input into another shape has no memory of its own; of other general operators nobody knows here.
  const nodes = graph.nodes.filter((node) => !isGeneral(node) && node.op !== 'reshape');
  const pieces = nodes.map(
    ({ name: node }) =>
      BYTES * batch * (shapes.get(node) ?? []).reduce((all, side) => all * side, 1),
  );
  const largest = Math.max(0, ...pieces);
  const all = pieces.reduce((sum, piece) => sum + piece, 0);
  const rows = batch.toLocaleString('en');
  if (room.piece !== null && largest > room.piece)
    throw tooLarge(
      `${name} is too large for ${room.backend}: one layer’s answers to a batch of ${rows} take ${gigabytes(largest)}, and one piece of its memory has at most ${gigabytes(room.piece)}.`,
    );
  if (room.all !== null && all > room.all)
    throw tooLarge(
      `${name} is too large for ${room.backend}: the layers’ answers to a batch of ${rows} take ${gigabytes(all)}, and its memory has at most ${gigabytes(room.all)}.`,
    );
}

function tooLarge(message: string): UserError {
  return new UserError('E_TOO_LARGE', message, LESS);
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
