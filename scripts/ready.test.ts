import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { GLIBC_NEEDED } from '../runtime/engines/mongodb.js';
import { ROOT, TEMPORAL_VERSION, programCommand } from '../runtime/engines/place.js';
import { surroundings } from '../runtime/settings.js';

interface Source { readonly uri: string; readonly suites: readonly string[]; readonly components: readonly string[]; readonly signedBy: string | undefined }
interface MongoStep {
  readonly GLIBC_NEEDED: readonly number[];
  parseSources(file: string, text: string): Source[];
  findSource(sources: readonly Source[], codename: string): Source | undefined;
  parseRelease(text: string): { family: string; codename: string };
}
const mongo = (await import(path.join(ROOT, 'scripts', 'ready-mongodb.mjs'))) as MongoStep;
const temporal = (await import(path.join(ROOT, 'scripts', 'ready-temporal.mjs'))) as { readonly TEMPORAL_VERSION: string };

const folders: string[] = [];
afterAll(() => { for (const made of folders) rmSync(made, { recursive: true, force: true }); });
const folder = (): string => { const made = mkdtempSync(path.join(tmpdir(), 'slipway-ready-')); folders.push(made); return made; };

/** A checkout with nothing but what `ready` reads, and a PATH with nothing but the programs it is given. */
function checkout(programs: Record<string, string> = {}): { root: string; bin: string; run(env?: Record<string, string | undefined>, words?: readonly string[]): { code: number | null; said: string; printed: string } } {
  const root = folder();
  const bin = path.join(root, 'bin-for-test');
  mkdirSync(path.join(root, 'scripts'), { recursive: true });
  for (const name of readdirSync(path.join(ROOT, 'scripts')).filter((file) => file.startsWith('ready') && file.endsWith('.mjs'))) cpSync(path.join(ROOT, 'scripts', name), path.join(root, 'scripts', name));
  mkdirSync(path.join(root, 'runtime', 'engines'), { recursive: true });
  cpSync(path.join(ROOT, 'runtime', 'engines', 'guard.sh'), path.join(root, 'runtime', 'engines', 'guard.sh'));
  writeFileSync(path.join(root, 'package.json'), '{}');
  writeFileSync(path.join(root, 'package-lock.json'), '{"packages":{"a":{},"b":{}}}');
  mkdirSync(bin);
  for (const tool of ['cat', 'sleep', 'sh', 'mkdir', 'chmod', 'dirname', 'touch', 'rm', 'uname']) { const found = ['/bin', '/usr/bin'].map((dir) => path.join(dir, tool)).find((file) => existsSync(file)); if (found !== undefined) symlinkSync(found, path.join(bin, tool)); }
  for (const [name, text] of Object.entries(programs)) { writeFileSync(path.join(bin, name), `#!/bin/sh\n${text}\n`); chmodSync(path.join(bin, name), 0o755); }
  return {
    root, bin,
    run: (env = {}, words = []) => {
      const done = spawnSync(process.execPath, [path.join(root, 'scripts', 'ready.mjs'), ...words], { env: surroundings({ TEMPORAL_ADDRESS: undefined, MONGODB_URI: undefined, PATH: bin, ...env }), encoding: 'utf8', timeout: 25_000 });
      return { code: done.status, said: done.stderr, printed: done.stdout };
    },
  };
}
const NPM = 'mkdir -p node_modules; touch node_modules/.package-lock.json; echo "npm $*" >> npm-was-asked';
const given = { TEMPORAL_ADDRESS: 'localhost:7233', MONGODB_URI: 'mongodb://localhost' };
const installed = (root: string): void => { mkdirSync(path.join(root, 'node_modules'), { recursive: true }); writeFileSync(path.join(root, 'node_modules', '.package-lock.json'), '{}'); };

describe('R-819 ready installs what is missing, says so, and does nothing the second time', () => {
  test('packages that are missing, then nothing', () => {
    const { root, run } = checkout({ npm: NPM });
    expect(run(given)).toMatchObject({ code: 0, printed: '', said: expect.stringMatching(/Installing 2 packages .*once/) as string });
    expect(readFileSync(path.join(root, 'npm-was-asked'), 'utf8')).toContain('npm ci');
    expect(run(given)).toEqual({ code: 0, printed: '', said: '' });
    expect(readdirSync(path.join(root, '.slipway'))).toEqual([]);
  });
  test('packages that are older than the lock file', () => {
    const { root, run } = checkout({ npm: NPM });
    installed(root);
    utimesSync(path.join(root, 'node_modules', '.package-lock.json'), 1, 1);
    expect(run(given).said).toMatch(/Installing/);
  });
  test('an installation that was stopped half way is begun again', () => {
    const { root, run } = checkout({ npm: NPM });
    mkdirSync(path.join(root, 'node_modules', 'half'), { recursive: true });
    mkdirSync(path.join(root, '.slipway'));
    writeFileSync(path.join(root, '.slipway', 'ready.pid'), '999999999');   // of one that was killed
    expect(run(given)).toMatchObject({ code: 0, said: expect.stringMatching(/Installing/) as string });
  });
  test('packages only asks for no engine', () => {
    const { root, run } = checkout();
    installed(root);
    expect(run({}, ['--packages'])).toEqual({ code: 0, printed: '', said: '' });
  });
  test('npm that fails is quoted', () => {
    const { run } = checkout({ npm: 'echo "npm error E404" >&2; exit 1' });
    expect(run(given)).toMatchObject({ code: 1, said: expect.stringMatching(/npm ci failed:\nnpm error E404/) as string });
  });
  test('a word it does not know is refused', () => { expect(checkout().run(given, ['--fast'])).toMatchObject({ code: 1, said: expect.stringContaining('knows no --fast') as string }); });
});

describe('R-820 engines are found in the documented order, and what cannot be had is said with the ways to get it', () => {
  test('both on the PATH', () => {
    const { root, run } = checkout({ temporal: 'exit 0', mongod: 'exit 0' });
    installed(root);
    expect(run()).toEqual({ code: 0, printed: '', said: '' });
  });
  test('no Temporal and no Go: three ways', () => {
    const { root, run } = checkout({ mongod: 'exit 0' });
    installed(root);
    const { code, said } = run();
    expect(code).toBe(1);
    expect(said).toMatch(/Go is not installed[^]*TEMPORAL_ADDRESS[^]*`temporal` is on the PATH[^]*Install Go/);
  });
  test.each([['1.20.3', 'auto', /Go is too old/], ['1.22.1', 'local', /may not fetch the toolchain/]])('Go %s with GOTOOLCHAIN=%s will not do', (version, toolchain, message) => {
    const { root, run } = checkout({ mongod: 'exit 0', go: `case "$1" in version) echo "go version go${version} linux/amd64";; env) echo ${toolchain};; esac` });
    installed(root);
    expect(run()).toMatchObject({ code: 1, said: expect.stringMatching(message) as string });
  });
  test('Go builds the pinned release, statically, and it appears whole', () => {
    const { root, run } = checkout({ mongod: 'exit 0', go: 'if [ "$1" = version ]; then echo go version go1.26.1; exit; fi; echo "$CGO_ENABLED $*" > "$GOBIN/../../asked"; echo "#!/bin/sh" > "$GOBIN/temporal"; chmod +x "$GOBIN/temporal"' });
    installed(root);
    expect(run()).toMatchObject({ code: 0, said: expect.stringMatching(/3 to 8 minutes, once/) as string });
    expect(readFileSync(path.join(root, '.slipway', 'asked'), 'utf8')).toBe(`0 install -v -trimpath -ldflags -s -w github.com/temporalio/cli/cmd/temporal@${TEMPORAL_VERSION}\n`);
    expect(readdirSync(path.join(root, '.slipway', 'engines'))).toEqual([`temporal-${TEMPORAL_VERSION}`]);
    expect(run()).toEqual({ code: 0, printed: '', said: '' });
  });
  test('Go that fails leaves nothing half made', () => {
    const { root, run } = checkout({ mongod: 'exit 0', go: 'if [ "$1" = version ]; then echo go version go1.26.1; exit; fi; echo half > "$GOBIN/temporal"; echo "no network" >&2; exit 1' });
    installed(root);
    expect(run()).toMatchObject({ code: 1, said: expect.stringMatching(/no network[^]*Three ways/) as string });
    expect(readdirSync(path.join(root, '.slipway', 'engines'))).toEqual([]);
  });
  test('no MongoDB and no embedded engine: the ways', () => {
    const { root, run } = checkout({ temporal: 'exit 0' });
    installed(root);
    expect(run()).toMatchObject({ code: 1, said: expect.stringMatching(/There is no MongoDB[^]*MONGODB_URI[^]*mongod/) as string });
  });
  test('what ready installs is what the runtime looks for', () => {
    expect(temporal.TEMPORAL_VERSION).toBe(TEMPORAL_VERSION);
    expect(mongo.GLIBC_NEEDED).toEqual(GLIBC_NEEDED);
  });
});

describe('R-821 the newer libc comes from where the machine itself comes from', () => {
  const deb822 = `# a comment\nTypes: deb deb-src\nURIs: https://mirror.example/debian\nSuites: bookworm bookworm-updates\nComponents: main contrib\nSigned-By: /usr/share/keyrings/a.gpg\n
Enabled: no\nTypes: deb\nURIs: https://off.example/debian\nSuites: bookworm\nComponents: main\n
Types: deb\nURIs: https://mirror.example/debian-security\nSuites: bookworm-security\nComponents: main\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n xyz\n`;
  test('deb822: the stanza of this release, with its keys', () => {
    expect(mongo.findSource(mongo.parseSources('debian.sources', deb822), 'bookworm')).toEqual({ uri: 'https://mirror.example/debian', suites: ['bookworm', 'bookworm-updates'], components: ['main', 'contrib'], signedBy: '/usr/share/keyrings/a.gpg' });
  });
  test('keys inside of a source are not taken for a path', () => { expect(mongo.parseSources('debian.sources', deb822).find(({ uri }) => uri.endsWith('security'))?.signedBy).toBeUndefined(); });
  test.each<[string, string, string | undefined]>([
    ['a plain line', 'deb http://mirror.example/debian bookworm main contrib # us', undefined],
    ['a line with options', 'deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main', '/k.gpg'],
  ])('one-line format: %s', (_name, line, signedBy) => {
    expect(mongo.findSource(mongo.parseSources('sources.list', `# deb http://old.example bookworm main\n${line}\n`), 'bookworm')).toMatchObject({ uri: 'http://mirror.example/debian', suites: ['bookworm'], signedBy });
  });
  test.each([
    ['sources only', 'deb-src http://m.example/debian bookworm main'], ['another release', 'deb http://m.example/debian bullseye main'], ['updates only', 'deb http://m.example/debian bookworm-updates main'],
    ['no main', 'deb http://m.example/debian bookworm contrib'], ['a disc', 'deb cdrom:[Debian]/ bookworm main'], ['nothing', ''],
  ])('no source: %s', (_name, line) => { expect(mongo.findSource(mongo.parseSources('x.list', line), 'bookworm')).toBeUndefined(); });
  test.each([
    ['ID=debian\nVERSION_CODENAME=bookworm\n', { family: 'debian', codename: 'bookworm' }],
    ['ID=ubuntu\nVERSION_CODENAME=jammy\nUBUNTU_CODENAME=jammy\n', { family: 'ubuntu', codename: 'jammy' }],
    ['ID=linuxmint\nVERSION_CODENAME=vera\nUBUNTU_CODENAME=jammy\n', { family: 'ubuntu', codename: 'jammy' }],
    ['ID="rocky"\nVERSION_ID="9"\n', { family: 'rocky', codename: '' }],
  ])('%j', (text, release) => { expect(mongo.parseRelease(text)).toEqual(release); });
});

describe('R-822 a program runs from what was built only when the build is whole and nothing has changed since it began', () => {
  const put = (file: string): void => { mkdirSync(path.dirname(file), { recursive: true }); writeFileSync(file, ''); };
  const HOUR_SEC = 3_600;
  /** A checkout with a build that was begun this long after (or, below 0, before) everything in it was written; both deciders are asked. */
  function built(begunAfterSec: number | 'never ended'): { root: string; is(kind: 'built' | 'source'): void; begin(afterSec: number): void } {
    const root = folder();
    writeFileSync(path.join(root, 'package.json'), '{"type":"module"}');
    for (const file of ['bin/api.ts', 'bin/slipway.ts', 'core/gate/x.ts', 'core/gate/old.ts', 'dist/bin/api.js']) put(path.join(root, file));
    mkdirSync(path.join(root, 'scripts'));
    cpSync(path.join(ROOT, 'scripts', 'slipway.mjs'), path.join(root, 'scripts', 'slipway.mjs'));
    writeFileSync(path.join(root, 'dist', 'bin', 'slipway.js'), "console.log('built')");
    const stamp = path.join(root, 'dist', 'built');
    const begin = (afterSec: number): void => { put(stamp); const at = Date.now() / 1_000 + afterSec; utimesSync(stamp, at, at); };
    if (begunAfterSec !== 'never ended') begin(begunAfterSec);
    return {
      root, begin,
      is(kind) {
        const api = kind === 'built' ? path.join('dist', 'bin', 'api.js') : path.join('bin', 'api.ts');
        expect(programCommand('api', root).at(-1)).toBe(path.join(root, api));
        // Without packages the sources cannot run, and the launcher says so.
        const done = spawnSync(process.execPath, [path.join(root, 'scripts', 'slipway.mjs')], { encoding: 'utf8' });
        expect(done.stdout + done.stderr).toContain(kind === 'built' ? 'built' : 'The packages are not installed');
      },
    };
  }
  const past = (file: string): void => { utimesSync(file, 100, 100); };

  test('a whole build that was begun after the last change', () => { built(HOUR_SEC).is('built'); });
  test('a build that did not come to its end, for example because types did not agree', () => { built('never ended').is('source'); });
  test('a change while it was built, or since', () => { built(-HOUR_SEC).is('source'); });
  test('a change that bears an old date, as a copied or unpacked file does', () => {
    const made = built(-1);
    past(path.join(made.root, 'core', 'gate', 'x.ts'));
    for (const file of ['bin/api.ts', 'bin/slipway.ts', 'core/gate/old.ts']) past(path.join(made.root, file));
    made.is('source');
  });
  test('a source that was taken away', () => {
    const made = built(HOUR_SEC);
    for (const name of ['bin', 'core']) rmSync(path.join(made.root, name), { recursive: true });
    mkdirSync(path.join(made.root, 'bin'));
    put(path.join(made.root, 'bin', 'api.ts'));
    put(path.join(made.root, 'bin', 'slipway.ts'));
    made.is('built');
    made.begin(-1);   // the folder has changed since
    made.is('source');
  });
  test('a new version of a package', () => {
    const made = built(HOUR_SEC);
    put(path.join(made.root, 'package-lock.json'));
    made.is('built');
    made.begin(-1);
    made.is('source');
  });
  test('no sources at all, as in an image', () => {
    const made = built('never ended');
    for (const name of ['bin', 'core']) rmSync(path.join(made.root, name), { recursive: true });
    made.is('built');
  });
  test('never built', () => {
    const root = folder();
    put(path.join(root, 'bin', 'api.ts'));
    expect(programCommand('api', root)).toEqual([process.execPath, '--import', 'tsx', path.join(root, 'bin', 'api.ts')]);
  });
});
