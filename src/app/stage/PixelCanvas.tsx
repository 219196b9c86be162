import { useCallback, useRef } from 'react';
import { useDrawing } from './useDrawing';

/** A small picture, drawn from RGBA bytes and scaled up without smoothing. */
export function PixelCanvas({
  pixels,
  shape,
  label,
  className,
}: {
  pixels: Uint8ClampedArray | readonly number[];
  /** [height, width, channels] */
  shape: readonly number[];
  /** What it shows; without it the picture is decoration beside a text that says the same. */
  label?: string;
  className?: string | undefined;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [height = 1, width = 1] = shape;
  const draw = useCallback(
    (element: HTMLCanvasElement) => {
      const context = element.getContext('2d');
      if (!context || pixels.length !== width * height * 4) return;
      const image = context.createImageData(width, height);
      image.data.set(pixels);
      context.putImageData(image, 0, 0);
    },
    [pixels, width, height],
  );
  useDrawing(canvas, draw);
  return (
    <canvas
      ref={canvas}
      width={width}
      height={height}
      className={className}
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
    />
  );
}
