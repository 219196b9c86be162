/** Where the WebAssembly binaries lie, by file name; a page says it, under Node the package finds them itself. */
export const wasmFiles: { paths: Readonly<Record<string, string>> | undefined } = {
  paths: undefined,
};
