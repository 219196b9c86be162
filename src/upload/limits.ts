/** What a file from a stranger may ask for. Every reader checks against these before it makes room for anything. */
export const LIMITS = {
  /** Bytes of one file, and of all files given together. */
  fileBytes: 512 * 1024 * 1024,
  /** Files given together, or entries of an archive. */
  files: 100_000,
  /** Bytes that an archive of a model may unpack to, and how many times its own size that may be. */
  unpackedBytes: 512 * 1024 * 1024,
  unpackedRatio: 200,
  /** Archives within archives. */
  archiveDepth: 1,
  jsonBytes: 16 * 1024 * 1024,
  jsonDepth: 64,
  layers: 5_000,
  /** Axes of a tensor, and places along one of them. */
  rank: 8,
  side: 1 << 24,
  /** Numbers of all weights together: 512 MiB as float32. */
  parameters: 128 * 1024 * 1024,
  /** Numbers of one value inside the network for one row. */
  activation: 64 * 1024 * 1024,
  /** Multiply-adds for one row. */
  macs: 2e11,
  nameLength: 256,
  /** Bytes of a file's path within an archive. */
  pathLength: 1024,
} as const;
