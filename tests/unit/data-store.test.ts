import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UserError } from '../../src/recipe/errors';
import { defaultsOf } from '../../src/recipe/fields';
import { tasks } from '../../src/tasks/registry';
import { packOwn, unpackOwn } from '../../src/upload/store/pack';
import { OwnStore } from '../../src/upload/store/store';
import { fakeRoot } from '../support/files/directory';
import { worker } from '../support/host';
import { labelsInTurn, ownData } from '../support/own-data';

const own = ownData(labelsInTurn(2, 20), { remarks: ['One file was left out.'] });
const withRoles = { ...own, roles: Uint8Array.from({ length: 40 }, (_, i) => i % 3) };

describe('the file of own images', () => {
  it.each([own, withRoles])('comes back as it was', (data) => {
    const bytes = new Uint8Array(Buffer.concat(packOwn(data)));
    expect(unpackOwn(bytes, 'x')).toEqual(data);
  });

  it('is refused after any change of a byte, and where it ends early', () => {
    const bytes = new Uint8Array(Buffer.concat(packOwn(withRoles)));
    const outcomes = new Set<string>();
    let refused = 0;
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = bytes.slice();
      changed[at]! ^= 0x15;
      try {
        // The title and the remarks are text without a check sum.
        unpackOwn(changed, 'x');
      } catch (thrown) {
        outcomes.add(thrown instanceof UserError ? thrown.code : String(thrown));
        refused += 1;
      }
    }
    expect([...outcomes]).toEqual(['E_STORE_DAMAGED']);
    expect(refused).toBeGreaterThan(bytes.length / 7 - 30);
    for (const end of [0, 5, 16, 40, bytes.length - 1])
      expect(() => unpackOwn(bytes.subarray(0, end), 'my <b>')).toThrow(
        'What was kept as my <b> is damaged.',
      );
  });

  it('is refused where its numbers do not fit together', () => {
    const changed = (more: object) =>
      new Uint8Array(Buffer.concat(packOwn({ ...withRoles, ...more })));
    for (const more of [
      { count: 39 },
      { channels: 3 },
      { classes: ['ant'] },
      { sizes: new Uint16Array(80).fill(7) },
      { labels: new Uint8Array(40).fill(9) },
      { roles: new Uint8Array(40).fill(3) },
      { format: 'x' },
    ])
      expect(() => unpackOwn(changed(more), 'x')).toThrow('is damaged');
  });
});

describe('the store', () => {
  it('keeps, lists, loads and deletes', async () => {
    const disk = fakeRoot();
    const store = new OwnStore(disk.root);
    expect(await store.list()).toEqual([]);
    await store.save(own, 'first');
    const [second, first] = await store.save(withRoles, ' second ');
    expect([second?.name, first?.name]).toEqual(['second', 'first']);
    expect(second).toMatchObject({ count: 40, classes: 2 });
    expect(disk.files().get(`${second?.id}.own`)?.length).toBe(second?.bytes);
    expect(await new OwnStore(disk.root).list()).toEqual([second, first]);
    expect(await store.load(second?.id ?? '')).toEqual(withRoles);
    expect(await store.remove(second?.id ?? '')).toEqual([first]);
    expect(new Set(disk.files().keys())).toEqual(new Set([`${first?.id}.own`, 'index.json']));
    await expect(store.load(second?.id ?? '')).rejects.toThrow('This is not kept any more.');
  });

  it('replaces what has the same name', async () => {
    const disk = fakeRoot();
    const store = new OwnStore(disk.root);
    await store.save(own, 'one');
    const entries = await store.save(withRoles, 'one');
    expect(entries).toHaveLength(1);
    expect(await store.load(entries[0]?.id ?? '')).toEqual(withRoles);
    expect(disk.files().size).toBe(2);
  });

  it('shows nothing of a write that broke off, and keeps what was there', async () => {
    const disk = fakeRoot();
    const store = new OwnStore(disk.root);
    const before = await store.save(own, 'one');
    disk.faults.quota = 6000;
    await expect(store.save(withRoles, 'two')).rejects.toMatchObject({
      code: 'E_STORE_FULL',
      message: 'There is no room to keep this: 1 MB are needed.',
    });
    delete disk.faults.quota;
    disk.faults.cut = 100;
    await expect(store.save(withRoles, 'two')).rejects.toMatchObject({ code: 'E_STORE_FULL' });
    delete disk.faults.cut;
    expect(await store.list()).toEqual(before);
    // A file whose writer was closed in the middle: no index names it, and the next save sweeps it away.
    disk.files().set('zzz.own', new Uint8Array(9));
    expect(await store.list()).toEqual(before);
    await store.save(own, 'three');
    expect(disk.files().has('zzz.own')).toBe(false);
  });

  it('passes over an index that is damaged, and files that were cut', async () => {
    const disk = fakeRoot();
    const store = new OwnStore(disk.root);
    const [entry] = await store.save(own, 'one');
    disk.files().set(`${entry?.id}.own`, new Uint8Array(5));
    expect(await store.list()).toEqual([]);
    for (const text of ['{', '[{"id":"../x"}]', '{"__proto__":1}']) {
      disk.files().set('index.json', new TextEncoder().encode(text));
      expect(await store.list()).toEqual([]);
    }
  });

  it('says where a browser has none, or lets nobody in', async () => {
    await expect(new OwnStore().list()).rejects.toMatchObject({ code: 'E_STORE_ABSENT' });
    const shut = new OwnStore(() => Promise.reject(new DOMException('no', 'SecurityError')));
    await expect(shut.list()).rejects.toMatchObject({ code: 'E_STORE_ABSENT' });
    const disk = fakeRoot({ broken: new Error('disk on fire') });
    await expect(new OwnStore(disk.root).save(own, 'x')).rejects.toMatchObject({ code: 'E_STORE' });
  });
});

describe('through the worker', () => {
  beforeEach(() => {
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('[]')));
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });
  const params = { ...defaultsOf(tasks.get('images').params), size: 8 };

  it('images are kept, and loaded again by another one', async () => {
    const disk = fakeRoot();
    vi.stubGlobal('navigator', { storage: { getDirectory: disk.root } });
    const first = await worker();
    first.send({ type: 'keepData', request: 1, name: 'x' });
    await first.until(({ type }) => type === 'keptRefused');
    expect(first.of('keptRefused')[0]?.fault.message).toBe('No images are held here.');
    first.send({ type: 'data', request: 2, data: own, params });
    await first.until(({ type }) => type === 'dataRead');
    first.send({ type: 'keepData', request: 3, name: 'insects at home' });
    await first.until(({ type }) => type === 'kept');
    const second = await worker();
    second.send({ type: 'listKept', request: 1 });
    await second.until(({ type }) => type === 'kept');
    const [entry] = second.of('kept')[0]?.entries ?? [];
    expect(entry).toMatchObject({ name: 'insects at home', count: 40, classes: 2 });
    second.send({ type: 'loadKept', request: 2, id: entry?.id ?? '', params });
    await second.until(({ type }) => type === 'filesRead');
    expect(second.of('dataRead')[0]?.summary).toMatchObject({ title: 'insects', count: 40 });
    second.send({ type: 'forgetKept', request: 3, id: entry?.id ?? '' });
    await second.until((message) => message.type === 'kept' && message.request === 3);
    expect(second.of('kept').at(-1)?.entries).toEqual([]);
  });

  it('without such a file system a sentence comes and nothing else breaks', async () => {
    vi.stubGlobal('navigator', {});
    const { send, until, of } = await worker();
    send({ type: 'listKept', request: 1 });
    await until(({ type }) => type === 'keptRefused');
    expect(of('keptRefused')[0]?.fault.code).toBe('E_STORE_ABSENT');
    send({ type: 'data', request: 2, data: own, params });
    await until(({ type }) => type === 'filesRead');
  });
});
