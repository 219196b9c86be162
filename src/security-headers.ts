/** The response headers of the site: one table for the dev server, the preview and whoever hosts the build. */

/** The one Trusted Types policy of the page: it makes the worker's address. */
const WORKER_POLICY = 'extracurricular-worker';

const STRICT_POLICY: Readonly<Record<string, string>> = {
  'default-src': "'none'",
  // The WebAssembly backend compiles its module in the worker; nothing else is ever evaluated.
  'script-src': "'self' 'wasm-unsafe-eval'",
  'worker-src': "'self'",
  'connect-src': "'self'",
  'img-src': "'self' blob: data:",
  'style-src': "'self'",
  'font-src': "'self'",
  'manifest-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
  'require-trusted-types-for': "'script'",
  'trusted-types': WORKER_POLICY,
};

/** Hot reloading needs an inline preamble, style elements and a web socket, and makes scripts from strings. */
const DEV_POLICY: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(STRICT_POLICY).filter(([directive]) => !directive.includes('trusted-types')),
  ),
  'script-src': "'self' 'unsafe-inline' 'wasm-unsafe-eval'",
  'style-src': "'self' 'unsafe-inline'",
  'connect-src': "'self' ws:",
};

/**
 * Headers that belong on every response, the worker's script included: a worker takes its policy from the response
 * that carried its script, not from the page that started it.
 */
export function securityHeaders(mode: 'dev' | 'production'): Record<string, string> {
  const policy = mode === 'dev' ? DEV_POLICY : STRICT_POLICY;
  return {
    'Content-Security-Policy': Object.entries(policy)
      .map(([directive, value]) => `${directive} ${value}`)
      .join('; '),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Permissions-Policy':
      'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=(), payment=()',
  };
}
