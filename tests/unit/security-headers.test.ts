import { expect, test } from 'vitest';
import { securityHeaders } from '../../src/security-headers';

test('the policy of the served build allows nothing from elsewhere and no evaluated script', () => {
  const policy = securityHeaders('production')['Content-Security-Policy'] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("connect-src 'self';");
  expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
  expect(policy).toContain("require-trusted-types-for 'script'");
  expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|\*|https?:/);
});

test('the development policy only loosens what hot reloading needs', () => {
  const policy = securityHeaders('dev')['Content-Security-Policy'] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("connect-src 'self' ws:");
  expect(policy).not.toMatch(/'unsafe-eval'|trusted-types/);
});
