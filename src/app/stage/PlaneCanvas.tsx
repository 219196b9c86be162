import { useCallback, useRef, type MouseEvent } from 'react';
import type { Identity } from '../../charts/identity';
import type { PlaneGrid, StageSample, TaskReport } from '../../worker/protocol';
import { useApp, useDispatch } from '../context';
import { NetCaption } from './NetCaption';
import { classMark } from './classes';
import { paintPlane, parseColour } from './paint';
import styles from './PlaneBoard.module.css';
import { useDrawing } from './useDrawing';
import { usePalette, type Palette } from './usePalette';

/** Canvas pixels a side; the page scales it. */
const SIZE = 480;
/** Half-width of the square where no grid says it. */
const EXTENT = 2.6;
/** Edges of the training points, on colours that are light enough for it in both schemes. */
const MARK_EDGE = '#1b1d22';
const LIGHTER = 'rgb(255 255 255 / 45%)';
/** A click this near to a ring chooses it, as a part of the square's side. */
const NEAR = 0.05;

/** One network's answers on the plane. */
export function PlaneCanvas({
  look,
  figure,
  split,
  grid,
  step,
  report,
  asked,
}: {
  look: Identity | null;
  figure: string;
  split: string;
  grid: PlaneGrid | null;
  /** The step whose weights gave the picture; null without one. */
  step: number | null;
  report: TaskReport;
  asked: readonly StageSample[];
}) {
  const name = look?.name ?? 'Teacher';
  const back = useRef<HTMLCanvasElement>(null);
  const marks = useRef<HTMLCanvasElement>(null);
  const front = useRef<HTMLCanvasElement>(null);
  const palette = usePalette();
  const dispatch = useDispatch();
  const pinned = useApp((state) => state.pinned?.id ?? null);
  const extent = grid?.extent ?? EXTENT;
  useDrawing(
    back,
    useCallback((canvas) => grid && drawAnswers(canvas, grid, palette), [grid, palette]),
  );
  useDrawing(
    marks,
    useCallback((canvas) => drawMarks(canvas, report, extent, palette), [report, extent, palette]),
  );
  useDrawing(
    front,
    useCallback(
      (canvas) => drawRings(canvas, asked, extent, pinned, palette),
      [asked, extent, pinned, palette],
    ),
  );
  const click = (event: MouseEvent<HTMLCanvasElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * 2 - 1;
    const y = 1 - ((event.clientY - box.top) / box.height) * 2;
    const nearest = nearestSample(asked, x * extent, y * extent, 2 * NEAR * extent);
    if (nearest) dispatch({ type: 'pin', sample: nearest });
  };
  return (
    <figure className={styles.plane}>
      <NetCaption look={look} figure={figure} />
      <div className={styles.square}>
        <canvas
          ref={back}
          width={1}
          height={1}
          aria-hidden="true"
          data-step={step ?? undefined}
          data-cells={grid?.side}
        />
        <canvas ref={marks} width={SIZE} height={SIZE} aria-hidden="true" />
        <canvas
          ref={front}
          width={SIZE}
          height={SIZE}
          role="img"
          aria-label={`${name}’s answers on the plane, ${figure} right on the ${split} split`}
          onClick={click}
        />
      </div>
    </figure>
  );
}

function nearestSample(
  samples: readonly StageSample[],
  x: number,
  y: number,
  within: number,
): StageSample | null {
  let best: StageSample | null = null;
  let least = within;
  for (const sample of samples) {
    const distance = Math.hypot((sample.pixels[0] ?? 0) - x, (sample.pixels[1] ?? 0) - y);
    if (distance > least) continue;
    best = sample;
    least = distance;
  }
  return best;
}

function drawAnswers(canvas: HTMLCanvasElement, grid: PlaneGrid, palette: Palette): void {
  const { side, pixels } = paintPlane(grid, palette.classes.map(parseColour), palette.paper);
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext('2d');
  if (!context) return;
  const image = context.createImageData(side, side);
  image.data.set(pixels);
  context.putImageData(image, 0, 0);
}

function placeOn(extent: number): (point: ArrayLike<number>) => [number, number] {
  return (point) => [
    (((point[0] ?? 0) / extent + 1) / 2) * SIZE,
    ((1 - (point[1] ?? 0) / extent) / 2) * SIZE,
  ];
}

/** The training points, by their class's mark. */
function drawMarks(
  canvas: HTMLCanvasElement,
  report: TaskReport,
  extent: number,
  { classes }: Palette,
): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const place = placeOn(extent);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, SIZE, SIZE);
  context.strokeStyle = MARK_EDGE;
  context.lineWidth = 0.22;
  for (const { label, pixels } of report.examples) {
    const [x, y] = place(pixels);
    context.setTransform(7, 0, 0, 7, x, y);
    context.fillStyle = classes[label % classes.length] ?? MARK_EDGE;
    context.beginPath();
    for (const [u, v] of classMark(label)) context.lineTo(u, v);
    context.closePath();
    context.fill();
    // Lighter than the region it lies in, which mostly has the same colour.
    context.fillStyle = LIGHTER;
    context.fill();
    context.stroke();
  }
}

/** The points that were asked, as rings. */
function drawRings(
  canvas: HTMLCanvasElement,
  asked: readonly StageSample[],
  extent: number,
  pinned: number | null,
  { ink }: Palette,
): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const place = placeOn(extent);
  context.clearRect(0, 0, SIZE, SIZE);
  context.strokeStyle = ink;
  for (const sample of asked) {
    const [x, y] = place(sample.pixels);
    const chosen = sample.id === pinned;
    context.lineWidth = chosen ? 5 : 2;
    context.beginPath();
    context.arc(x, y, chosen ? 12 : 9, 0, 2 * Math.PI);
    context.stroke();
  }
}
