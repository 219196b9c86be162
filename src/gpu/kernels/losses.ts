import { arithmetic } from './arithmetic';
import { bindings } from './launch';
import type { Program } from './launch';

/**
 * What the student's softmax is compared with: targets whose rows sum to 1 or 0 (cross-entropy), a teacher's logits, or
 * a teacher's probabilities (both KL).
 */
export type Against = 'targets' | 'logits' | 'probabilities';

const GROUP = 256;

const value: Record<Against, string> = {
  targets: 'if (t != 0.0) { loss -= t * logQ; }\n mass += t;',
  logits: 'let logP = (t - top2) * scale - log(sum2);\n loss += exp(logP) * (logP - logQ);',
  // 0 ln 0 = 0: the floor only keeps the logarithm finite where p is zero.
  probabilities: 'loss += t * (log(max(t, 1e-37)) - logQ);',
};

const slope: Record<Against, string> = {
  targets: '(q * mass - t) / f32(n.rows)',
  logits: '(q - exp((t - top2) * scale - log(sum2))) * scale / f32(n.rows)',
  probabilities: '(q - t) * scale / f32(n.rows)',
};

const prepare: Record<Against, string> = {
  targets: 'var mass = 0.0;',
  logits: `
    var top2 = other[first];
    for (var c = 1; c < n.classes; c++) { top2 = max(top2, other[first + c]); }
    var sum2 = 0.0;
    for (var c = 0; c < n.classes; c++) { sum2 += exp((other[first + c] - top2) * scale); }`,
  probabilities: '',
};

/** Adds the invocations' losses up into losses[0], half of them at a time. */
const BY_HALVES = `losses[local] = loss;
  workgroupBarrier();
  for (var half = ${GROUP / 2}; half > 0; half /= 2) {
    if (local < half) { losses[local] += losses[local + half]; }
    workgroupBarrier();
  }`;

/**
 * The same by subgroups, with two barriers instead of eight. Which invocations make up a subgroup is not laid down: each
 * subgroup's sum lies at the place of its first invocation, zeros at all others, and every subgroup adds them all up in the
 * order of the places, so that the sum is the same each time.
 */
const BY_SUBGROUPS = `let together = subgroupAdd(loss);
  losses[local] = select(0.0, together, subgroupBroadcastFirst(local) == local);
  let place = i32(subgroupExclusiveAdd(1u));
  let size = i32(subgroupAdd(1u));
  workgroupBarrier();
  var part = 0.0;
  for (var i = place; i < ${GROUP}; i += size) { part += losses[i]; }
  let total = subgroupAdd(part);
  workgroupBarrier();
  if (local == 0) { losses[0] = total; }`;

/**
 * Mean loss over the rows and its gradient for the logits, both by one workgroup: a batch's logits are few.
 * Bindings: logits, other, [temperature [1] where it is 'bound'], loss [1], gradient. See ../ops/losses.ts for the formulas.
 */
export function softmaxLoss(
  against: Against,
  rows: number,
  classes: number,
  temperature: number | 'bound',
): Program {
  const bound = temperature === 'bound';
  const { subgroups } = arithmetic();
  const bits = new Int32Array(new Float32Array([bound ? 1 : temperature]).buffer)[0] as number;
  return {
    kernel: {
      key: `softmax loss ${against}${bound ? ' bound' : ''}${subgroups ? ' subgroups' : ''}`,
      code: () => `
${subgroups ? 'enable subgroups;' : ''}
${bindings(['logits', 'other', ...(bound ? ['softness'] : []), '=result', '=gradient'], ['rows', 'classes', 'temperature'])}
var<workgroup> losses: array<f32, ${GROUP}>;
@compute @workgroup_size(${GROUP})
fn main(@builtin(local_invocation_index) index: u32) {
  let local = i32(index);
  let scale = 1.0 / ${bound ? 'softness[0]' : 'bitcast<f32>(n.temperature)'};
  var loss = 0.0;
  for (var row = local; row < n.rows; row += ${GROUP}) {
    let first = row * n.classes;
    var top = logits[first];
    for (var c = 1; c < n.classes; c++) { top = max(top, logits[first + c]); }
    var sum = 0.0;
    for (var c = 0; c < n.classes; c++) { sum += exp((logits[first + c] - top) * scale); }
    let logSum = log(sum);
    ${prepare[against]}
    for (var c = 0; c < n.classes; c++) {
      let t = other[first + c];
      let logQ = (logits[first + c] - top) * scale - logSum;
      ${value[against]}
    }
    for (var c = 0; c < n.classes; c++) {
      let t = other[first + c];
      let q = exp((logits[first + c] - top) * scale - logSum);
      gradient[first + c] = ${slope[against]};
    }
  }
  ${subgroups ? BY_SUBGROUPS : BY_HALVES}
  if (local == 0) { result[0] = losses[0] / f32(n.rows); }
}`,
    },
    groups: [1, 1],
    numbers: [rows, classes, bits],
  };
}
