import { expect, test } from 'vitest';
import { dynamicImports, pageFiles, staticImports } from '../../scripts/lib/size.mjs';

test('static imports of a chunk are found, dynamic ones are not', () => {
  const code = `import{a as b}from"./one.js";import"./two.js";import c,{d}from './three.js';
const lazy=()=>import("./lazy.js");export*from"./four.js";export{b};`;
  expect(staticImports(code)).toEqual(['./one.js', './two.js', './three.js', './four.js']);
  expect(dynamicImports(code)).toEqual(['./lazy.js']);
});

test('scripts, styles and preloads of a page are found', () => {
  const html = `<script type="module" crossorigin src="./assets/a.js"></script>
<link rel="modulepreload" crossorigin href="./assets/b.js"><link rel="icon" href="./icon.svg">
<link rel="stylesheet" crossorigin href="./assets/c.css">`;
  expect(pageFiles(html)).toEqual(['./assets/a.js', './assets/b.js', './assets/c.css']);
});
