import * as tf from '@tensorflow/tfjs';

/**
 * The one repair of tfjs that costs a few lines: its gradients of Mean and Sum make an array of ones as large as the
 * input in JavaScript and upload it at every step; here dy is spread out on the device. Gradients are registered for all
 * backends of a process.
 */
export function registerMeanSum(): void {
  for (const name of ['Mean', 'Sum'] as const) {
    tf.unregisterGradient(name);
    tf.registerGradient({
      kernelName: name,
      inputsToSave: ['x'],
      gradFunc: (dy, saved, attrs) => {
        const { shape, size } = saved[0] as tf.Tensor;
        const axes = tf.util.parseAxisParam(attrs['axis'] as number | number[], shape);
        const narrow = shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
        const gradient = dy as tf.Tensor;
        const share = name === 'Mean' ? gradient.size / size : 1;
        return {
          x: () => {
            const kept = tf.reshape(gradient, narrow);
            return tf.broadcastTo(share === 1 ? kept : tf.mul(kept, share), shape);
          },
        };
      },
    });
  }
}
