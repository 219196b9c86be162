/**
 * The import arrows of the house as a lint rule: page -> worker/client -> (messages) -> worker/host -> train -> tasks,
 * samplers, methods, compression, models -> gpu -> TensorFlow.js. `recipe` may be imported by all and imports none of them.
 */
import path from 'node:path';

/**
 * Rooms of `src` (and the folders beside it), what each may import from, and which packages it may use.
 * A room is the first of these prefixes that fits a path.
 * @type {readonly {room: string, imports: readonly string[], packages: RegExp}[]}
 */
const ROOMS = [
  { room: 'src/recipe', imports: [], packages: /^(valibot|pure-rand)/ },
  { room: 'src/gpu', imports: ['src/recipe'], packages: /^(@tensorflow\/|pure-rand)/ },
  { room: 'src/tasks', imports: ['src/recipe'], packages: /^(valibot|pure-rand)/ },
  {
    room: 'src/models',
    imports: ['src/recipe', 'src/gpu'],
    packages: /^(@tensorflow\/|pure-rand)/,
  },
  {
    room: 'src/methods',
    imports: ['src/recipe', 'src/gpu'],
    packages: /^@tensorflow\//,
  },
  {
    room: 'src/samplers',
    imports: ['src/recipe', 'src/gpu'],
    packages: /^(@tensorflow\/|pure-rand)/,
  },
  {
    room: 'src/compression',
    imports: ['src/recipe', 'src/gpu', 'src/models'],
    packages: /^@tensorflow\//,
  },
  {
    room: 'src/train',
    imports: [
      'src/recipe',
      'src/gpu',
      'src/tasks',
      'src/models',
      'src/methods',
      'src/samplers',
      'src/compression',
      'src/upload',
    ],
    packages: /^(@tensorflow\/|pure-rand|valibot)/,
  },
  {
    room: 'src/anomaly',
    imports: ['src/recipe', 'src/gpu', 'src/tasks', 'src/models', 'src/samplers', 'src/train'],
    packages: /^@tensorflow\//,
  },
  {
    room: 'src/upload',
    imports: ['src/recipe', 'src/gpu', 'src/models'],
    packages: /^(@tensorflow\/|valibot)/,
  },
  {
    room: 'src/export',
    imports: ['src/recipe', 'src/gpu', 'src/models'],
    packages: /^@tensorflow\//,
  },
  { room: 'src/worker/protocol', imports: ['src/recipe', 'src/upload'], packages: /^$/ },
  { room: 'src/worker/client', imports: ['src/recipe', 'src/worker/protocol'], packages: /^$/ },
  {
    room: 'src/worker',
    imports: [
      'src/recipe',
      'src/worker/protocol',
      'src/train',
      'src/anomaly',
      'src/gpu',
      'src/tasks',
      'src/models',
      'src/methods',
      'src/samplers',
      'src/upload',
      'src/export',
    ],
    packages: /^@tensorflow\//,
  },
  { room: 'src/lessons', imports: ['src/recipe'], packages: /^$/ },
  {
    room: 'src/charts',
    imports: ['src/recipe', 'src/worker/protocol'],
    packages: /^(react|recharts)/,
  },
  {
    room: 'src/app',
    imports: [
      'src/recipe',
      'src/worker/client',
      'src/worker/protocol',
      'src/charts',
      'src/lessons',
    ],
    packages: /^(react|recharts|temml)/,
  },
];

/** @param {string} file path relative to the project, with forward slashes */
function roomOf(file) {
  return ROOMS.find(
    ({ room }) =>
      file.startsWith(`${room}/`) || file.startsWith(`${room}.`) || file.startsWith(`${room}-`),
  );
}

/**
 * Says what is wrong with an import, or null where it is allowed.
 * @param {string} file the importing file, relative to the project, with forward slashes
 * @param {string} specifier what stands between the quotes
 * @returns {string | null}
 */
export function arrowProblem(file, specifier) {
  const from = roomOf(file);
  if (!from) return null;
  if (!specifier.startsWith('.')) {
    if (from.packages.test(specifier)) return null;
    return `${from.room} must not use the package "${specifier}".`;
  }
  const [bare = '', query = ''] = specifier.split('?');
  const target = path.posix.join(path.posix.dirname(file), bare);
  // The client names the worker's file; what passes between them is messages.
  if (from.room === 'src/worker/client' && query.startsWith('worker')) return null;
  const to = roomOf(`${target}/`)?.room;
  if (to === from.room || (to !== undefined && from.imports.includes(to))) return null;
  return `${from.room} must not import ${to ?? target}: the arrows point from the page down to TensorFlow.js.`;
}

const rule = {
  meta: { type: 'problem' },
  /** @param {{filename: string, cwd: string, report(found: {message: string, node: unknown}): void}} context */
  create(context) {
    const file = path.relative(context.cwd, context.filename).split(path.sep).join('/');
    /** @param {{source?: {type: string, value?: unknown} | null}} node */
    const check = (node) => {
      if (typeof node.source?.value !== 'string') return;
      const message = arrowProblem(file, node.source.value);
      if (message) context.report({ message, node: node.source });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};

export default { meta: { name: 'house' }, rules: { arrows: rule } };
