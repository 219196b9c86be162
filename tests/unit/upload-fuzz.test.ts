import { afterAll, expect, it, vi } from 'vitest';
import { fuzzOne } from '../../cli/support/fuzz/fuzz';
import { FORMS } from '../../cli/support/fuzz/forms';

afterAll(() => {
  vi.unstubAllGlobals();
});

it(
  'mutated files of every form are read or refused with a sentence, and without a trace',
  { timeout: 600_000 },
  async () => {
    const network = vi.fn<() => never>();
    for (const name of ['fetch', 'XMLHttpRequest', 'WebSocket']) vi.stubGlobal(name, network);
    const own = () => Reflect.ownKeys(Object.prototype).map(String).toSorted();
    const before = own();
    const counts = new Map<string, Set<string>>(FORMS.map(({ form }) => [form, new Set()]));
    const failures: string[] = [];
    for (let index = 0; index < 3000; index += 1) {
      const { form, what, why } = await fuzzOne(5, index);
      counts.get(form)?.add(what);
      if (what === 'failed') failures.push(`${index} ${form}: ${why}`);
    }
    expect(failures).toEqual([]);
    expect(network).not.toHaveBeenCalled();
    expect(own()).toEqual(before);
    // Each form had files that were still good, and such as were refused for different reasons.
    for (const [form, outcomes] of counts) {
      expect(outcomes, form).toContain('loaded');
      expect(outcomes.size, form).toBeGreaterThan(1);
    }
  },
);
