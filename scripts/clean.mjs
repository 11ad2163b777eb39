// The first part of `npm run build`: takes away what an earlier build left, and notes when this one begins. scripts/bundle.ts, the last part,
// turns that note into `dist/built`; its time is the beginning, so whatever is changed while the build runs counts as newer than the build.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
for (const folder of ['dist', path.join('sdk', 'dist')]) rmSync(path.join(root, folder), { recursive: true, force: true });
mkdirSync(path.join(root, 'dist'));
writeFileSync(path.join(root, 'dist', 'building'), '');
