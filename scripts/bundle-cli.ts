import path from 'node:path';
import { build } from 'esbuild';

/**
 * The command line as one entry and a chunk for each thing that is loaded when it is needed: `slipway --version` reads one file. Packages
 * travel inside, since finding and reading their many files would cost more than the commands themselves.
 *
 * @param folder  where `slipway.js` and `slipway/*.js` go, an absolute path
 */
export async function bundleCli(folder: string): Promise<void> {
  await build({
    absWorkingDir: path.resolve(import.meta.dirname, '..'), entryPoints: ['bin/slipway.ts'], outdir: folder, chunkNames: 'slipway/[name]-[hash]',
    bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node20', sourcemap: true, logLevel: 'warning',
    // Some packages inside are CommonJS and ask for Node's own modules by `require`.
    banner: { js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);" },
  });
}
