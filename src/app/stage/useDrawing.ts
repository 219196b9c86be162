import { useEffect, type RefObject } from 'react';

/**
 * Draws on a canvas, and once more when the browser gives the canvas back empty that it had taken away, as it does after
 * its graphics process has crashed.
 *
 * @param draw drawn anew when it is another function
 */
export function useDrawing(
  canvas: RefObject<HTMLCanvasElement | null>,
  draw: (canvas: HTMLCanvasElement) => void,
): void {
  useEffect(() => {
    const element = canvas.current;
    if (!element) return undefined;
    const paint = () => draw(element);
    paint();
    element.addEventListener('contextrestored', paint);
    return () => element.removeEventListener('contextrestored', paint);
  }, [canvas, draw]);
}
