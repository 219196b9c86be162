import { existsSync } from 'node:fs';
import { preview } from 'vite';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the served production build, with a slash at its end. */
    readonly site: string;
    /** The same server under a name that only a browser told so can find. */
    readonly untrustedSite: string;
  }
}

const OTHER_NAME = 'kd.test';

/** Serves the production build on a free port for the whole part. */
export default async function serveSite(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync('dist/index.html')) throw new Error('There is no build yet: npm run build.');
  const server = await preview({ preview: { port: 0, allowedHosts: [OTHER_NAME] } });
  const address = server.httpServer.address();
  if (typeof address !== 'object' || address === null) throw new Error('The site has no port.');
  project.provide('site', `http://127.0.0.1:${address.port}/`);
  project.provide('untrustedSite', `http://${OTHER_NAME}:${address.port}/`);
  return () => server.close();
}
