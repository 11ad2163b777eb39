import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

export interface BundleOptions {
  /** Where a bundle that had to be made is kept, for every stack of this checkout. */
  readonly cacheDir: string;
  /** SHA-256 of a text. */
  readonly digest: (text: string) => string;
}

/** The sources that travel. */
const PARCEL = ['workflows', 'core/release'];
const ALONE = ['core/ids.ts', 'core/errors.ts', 'package-lock.json'];
const root = new URL('../', import.meta.url);
/** In `dist` this file is JavaScript, and `scripts/bundle.ts` has left the bundle beside it. */
const PREBUILT = new URL('workflow-bundle.js', root);

/**
 * The workflows as one file: the one that the build has left, else one made now and kept under the digest of its sources, so that the
 * next start finds it.
 */
export async function bundleOf({ cacheDir, digest }: BundleOptions): Promise<{ readonly codePath: string }> {
  if (import.meta.url.endsWith('.js') && existsSync(PREBUILT)) return { codePath: fileURLToPath(PREBUILT) };
  const folder = pathToFileURL(`${cacheDir}/`);
  const file = new URL(`${digest(sources()).slice(0, 32)}.js`, folder);
  if (existsSync(file)) return { codePath: fileURLToPath(file) };
  const { code } = await makeBundle();
  mkdirSync(folder, { recursive: true });
  // Two programs may start at once: a rename is whole or not there.
  const draft = new URL(`${file.href}.${process.pid}`);
  writeFileSync(draft, code);
  renameSync(draft, file);
  return { codePath: fileURLToPath(file) };
}

/** Bundles `workflows/index`; fails when anything in it reaches for what the sandbox does not have. */
export const makeBundle = (): Promise<{ readonly code: string }> => bundleWorkflowCode({
  workflowsPath: sourceOf('index'), workflowInterceptorModules: [sourceOf('trace')],
  logger: { log: () => undefined, trace: () => undefined, debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
});

const sourceOf = (name: string): string => fileURLToPath(new URL(`workflows/${name}.${import.meta.url.endsWith('.js') ? 'js' : 'ts'}`, root));

function sources(): string {
  const texts = PARCEL.flatMap((folder) => readdirSync(new URL(`${folder}/`, root)).filter((file) => /\.[jt]s$/.test(file) && !/\.test\.|\.d\.ts$/.test(file)).sort().map((file) => `${folder}/${file}`));
  return [...texts, ...ALONE].map((file) => { const at = new URL(file, root); return `${file}\n${existsSync(at) ? readFileSync(at, 'utf8') : ''}`; }).join('\n');
}
