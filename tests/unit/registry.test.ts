import { describe, expect, it } from 'vitest';
import { methods } from '../../src/methods/registry';
import { UserError, faultOf } from '../../src/recipe/errors';
import { registryOf } from '../../src/recipe/registry';

describe('a registry', () => {
  it('knows its entries by id', () => {
    expect(methods.get('kd').title).toBe('KD');
    expect(methods.all().map(({ id }) => id)).toContain('kd');
  });

  it('refuses an id that it does not know, with those that it does', () => {
    const unknown = () => methods.get('hinton');
    expect(unknown).toThrow(UserError);
    expect(unknown).toThrow('There is no method named "hinton".');
    expect(unknown).toThrow(
      expect.objectContaining({
        code: 'E_UNKNOWN_ID',
        hint: expect.stringMatching(/^Known are: .*\bkd\b.*\bxcl\b/),
      }),
    );
  });

  it('refuses two files with one id, and files without an entry', () => {
    const one = { default: { id: 'one' } };
    expect(() => registryOf('thing', { './a.ts': one, './b.ts': one })).toThrow('./b.ts');
    expect(() => registryOf('thing', { './a.ts': {} })).toThrow('./a.ts has no default export');
  });
});

describe('faults', () => {
  it('keep code, sentence and hint of an error for people', () => {
    const cause = new Error('the disk is full');
    const fault = faultOf(new UserError('E_DISK', 'No room.', 'Make some.', { cause }));
    expect(fault).toMatchObject({ code: 'E_DISK', message: 'No room.', hint: 'Make some.' });
    expect(fault.detail).toContain('caused by');
    expect(fault.detail).toContain('the disk is full');
  });

  it.each([new TypeError('x is not a function'), 'a string', undefined, null, { a: 1 }])(
    'make a sentence of anything thrown: %s',
    (thrown) => {
      const fault = faultOf(thrown);
      expect(fault.code).toBe('E_UNEXPECTED');
      expect(fault.message).toMatch(/^Something went wrong/);
      expect(JSON.parse(JSON.stringify(fault))).toEqual(fault);
    },
  );

  it('end where causes go in circles', () => {
    const error = new Error('round');
    error.cause = error;
    expect(faultOf(error).detail.split('caused by').length).toBe(8);
  });
});
