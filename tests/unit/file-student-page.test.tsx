import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it, vi } from 'vitest';
import { withFileStudent } from '../../src/app/edit';
import { StudentForms } from '../../src/app/settings/StudentForms';
import { presets } from '../../src/recipe/presets';
import { catalogue } from '../support/catalogue';
import { meaningOf, readNetwork } from '../support/uploads';

vi.mock('../../src/app/methods/MethodCards', () => ({ AboutMethod: () => null }));

it('the form of a student from a file names the file, its weights, and the way back to a model', () => {
  const net = readNetwork([32, 32, 3], (b) => b.add('end', 'input', { op: 'pool' }));
  const [{ recipe }] = presets;
  const file = {
    name: 'my <net>',
    sha256: 'a'.repeat(64),
    meaning: meaningOf(net, 3),
    weights: 'fresh',
  } as const;
  const forms = (draft: typeof recipe) =>
    renderToStaticMarkup(
      <StudentForms draft={draft} catalogue={catalogue} edit={() => undefined} />,
    );
  const html = forms(withFileStudent(recipe, file));
  expect(html).toContain('Architecture from a file: my &lt;net&gt;');
  expect(html).toContain('<option value="fresh" selected="">');
  expect(html).toContain('Use a model instead of my &lt;net&gt;');
  const models = (text: string) => text.split('>Model<').length;
  expect(models(html)).toBe(models(forms(recipe)));
  expect(forms(recipe)).not.toContain('Architecture from a file');
});
