/** The image without a container engine: what the Dockerfile would build and copy, as folders, and its programs run as the user it names. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { contextFiles, copiesOf, productionPackages, readDockerfile } from './compose.js';
import { root } from './harness.js';

export interface Image {
  /** What WORKDIR is in the image. */
  readonly app: string;
  /** Starts a command in it: read-only, as nobody, with exactly this environment and a /tmp of its own. */
  run(name: string, command: readonly string[], env: Readonly<Record<string, string>>): Program;
  /** What was written by programs, in /tmp or beside themselves. */
  written(): readonly string[];
  remove(): void;
}
export interface Program {
  readonly pid: number;
  /** What it said so far, on both streams. */
  readonly out: () => string;
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>;
  readonly hasEnded: () => boolean;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL, if it still runs. */
  end(): Promise<void>;
}

const NOBODY = 65_532;

/** Hard links where the file system can, so that four hundred packages cost seconds; folders are made anew and may be locked. */
function copyTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.name === 'node_modules') continue;   // packages inside of packages have lines of their own in the lock file
    if (entry.isDirectory()) copyTree(source, target);
    else if (entry.isFile()) { try { linkSync(source, target); } catch { copyFileSync(source, target); } }
  }
}
function* foldersOf(folder: string): Generator<string> {
  yield folder;
  for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) yield* foldersOf(path.join(folder, entry.name));
}
function* filesOf(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) yield* filesOf(path.join(folder, entry.name)); else yield path.join(folder, entry.name);
}

/** Builds from what `.dockerignore` lets through, in a folder of its own, and puts together what the last stage copies. */
export function makeImage(): Image {
  const home = mkdtempSync(path.join(tmpdir(), 'slipway-image-'));
  chmodSync(home, 0o755);
  const [src, app, temporary] = [path.join(home, 'src'), path.join(home, 'app'), path.join(home, 'tmp')];
  for (const file of contextFiles()) { mkdirSync(path.dirname(path.join(src, file)), { recursive: true }); copyFileSync(path.join(root, file), path.join(src, file)); }
  symlinkSync(path.join(root, 'node_modules'), path.join(src, 'node_modules'));
  const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: src, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`npm run build failed in the image:\n${built.stdout}${built.stderr}`);

  mkdirSync(app);
  for (const { stage, sources, to } of copiesOf(readDockerfile().at(-1) ?? { name: '', from: '', instructions: [] })) {
    for (const source of sources) {
      if (stage === 'production') for (const where of productionPackages()) copyTree(path.join(root, where), path.join(app, where));
      else if (stage === 'build') cpSync(path.join(src, source.replace('/src/', '')), path.resolve(app, to === './' ? path.basename(source) : to), { recursive: true });
      else if (source !== '/usr/local/bin/node') throw new Error(`${source} is copied from nowhere that is known`);
    }
  }
  rmSync(src, { recursive: true });
  // Files of packages are the checkout's own, by link: their folders are locked, and nobody owns them.
  const packages = path.join(app, 'node_modules');
  for (const file of filesOf(app)) if (!file.startsWith(packages)) chmodSync(file, lstatSync(file).mode & 0o555);
  for (const folder of [...foldersOf(app)].reverse()) chmodSync(folder, 0o555);
  mkdirSync(temporary);
  chmodSync(temporary, 0o777);
  const before = new Set(filesOf(app));

  return {
    app,
    run(name, [word = '', ...words], env) {
      if (word !== 'node') throw new Error(`the image has no ${word}`);
      const tmp = path.join(temporary, name);
      if (!existsSync(tmp)) { mkdirSync(tmp); chmodSync(tmp, 0o777); }
      const isRoot = process.getuid?.() === 0;
      // Under the guard that the build carries: it ends with this process, however that ends. It passes signals on, and the exit code back.
      const guarded = [path.join(app, 'dist/runtime/engines/guard.sh'), process.execPath, ...words];
      const child = spawn('/bin/sh', guarded, { cwd: app, env: { PATH: '/usr/bin:/bin', ...env, TMPDIR: tmp }, stdio: ['pipe', 'pipe', 'pipe'], detached: true, ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}) });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => { said = (said + text.toString()).slice(-200_000); });
      let code: number | null | undefined;
      const ended = new Promise<number | null>((resolve) => { child.once('close', (given) => { code = given; resolve(given); }); });
      return {
        out: () => said, ended, hasEnded: () => code !== undefined, pid: child.pid ?? 0,
        stop: () => { child.kill('SIGTERM'); return ended; },
        end: async () => { if (code === undefined) { try { process.kill(-(child.pid ?? 0), 'SIGKILL'); } catch { /* it has just ended */ } } await ended; },
      };
    },
    written: () => [...filesOf(temporary), ...[...filesOf(app)].filter((file) => !before.has(file))].map((file) => path.relative(home, file)),
    remove() {
      for (const folder of foldersOf(app)) chmodSync(folder, 0o755);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
