// A MongoDB, in the order of docs/product.md, section 5. Where the system's glibc is too old for the embedded engine, a newer one of the
// same distribution is unpacked beside it, by the machine's own apt: its mirrors, its proxies, its keys. The system is not touched.
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Unready, findOnPath, isExecutable, runGuarded } from './ready-step.mjs';

/** What the embedded engine is linked against; `runtime/engines/mongodb.ts` asks for the same. */
export const GLIBC_NEEDED = [2, 38];

/** By distribution: the release to take libc6 from, and the keys that sign it when its source names none. */
const NEWER = {
  debian: { suite: 'trixie', keyring: '/usr/share/keyrings/debian-archive-keyring.gpg' },
  ubuntu: { suite: 'noble', keyring: '/usr/share/keyrings/ubuntu-archive-keyring.gpg' },
};

/**
 * @param context   {root, engines, env}
 * @param onlyLook  install nothing, say nothing; answer whether there is one
 */
export async function readyMongoDb({ root, engines, env }, onlyLook = false) {
  if (env.MONGODB_URI || findOnPath('mongod', env.PATH) !== undefined) return true;
  const version = glibcVersion();
  const why = engineMissing(root, version);
  if (why !== undefined) throw new Unready(`There is no MongoDB on this machine, and ${why}. Ways to get one:`, ways());
  const folder = path.join(engines, 'libc');
  if (process.platform !== 'linux' || isNewEnough(version) || isExecutable(path.join(folder, 'run'))) return true;
  if (onlyLook) return false;
  mkdirSync(engines, { recursive: true });
  for (const left of readdirSync(engines)) if (left.startsWith('libc-partial-')) rmSync(path.join(engines, left), { recursive: true, force: true });
  const draft = path.join(engines, `libc-partial-${process.pid}`);
  mkdirSync(draft);
  try {
    await unpackLibc(draft, env, version);
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
    return true;
  } finally { rmSync(draft, { recursive: true, force: true }); }
}

/** Why the embedded engine cannot be had here; undefined when it can. */
function engineMissing(root, version) {
  const platform = `${process.platform}-${process.arch}`;
  if (!['linux-x64', 'linux-arm64', 'darwin-arm64'].includes(platform)) return `the embedded engine does not run on ${platform}`;
  if (process.platform === 'linux' && version === undefined) return 'the embedded engine needs glibc, which this system does not use';
  const part = path.join(root, 'node_modules', '@0q', `embedded-mongodb-${platform}${process.platform === 'linux' ? '-gnu' : ''}`);
  return existsSync(part) ? undefined : 'the embedded engine is not installed (npm was told to omit optional packages?)';
}

/** `[2, 36]`; undefined where there is no glibc. */
function glibcVersion() {
  process.report.excludeNetwork = true;   // otherwise it may look up names
  const text = process.report.getReport().header.glibcVersionRuntime;
  return text === undefined ? undefined : text.split('.').map(Number);
}

const isNewEnough = ([major, minor]) => major > GLIBC_NEEDED[0] || (major === GLIBC_NEEDED[0] && minor >= GLIBC_NEEDED[1]);

async function unpackLibc(draft, env, version) {
  const refuse = (why) => { throw new Unready(`The embedded MongoDB needs glibc ${GLIBC_NEEDED.join('.')}, this system has ${version.join('.')}, and ${why}. Ways to get a MongoDB:`, ways()); };
  const tools = ['apt-get', 'dpkg-deb'].filter((tool) => findOnPath(tool, env.PATH) === undefined);
  if (tools.length > 0) refuse(`${tools.join(' and ')} to fetch a newer one ${tools.length > 1 ? 'are' : 'is'} not here`);
  const release = parseRelease(readFileSync('/etc/os-release', 'utf8'));
  const newer = NEWER[release.family];
  if (newer === undefined) refuse(`only Debian and Ubuntu have a newer one to put beside it`);
  const source = findSource(readSources('/etc/apt'), release.codename);
  if (source === undefined) refuse(`apt names no source of ${release.codename || 'this release'}`);
  const keys = source.signedBy ?? newer.keyring;
  for (const folder of ['lists/partial', 'cache/archives/partial']) mkdirSync(path.join(draft, folder), { recursive: true });
  writeFileSync(path.join(draft, 'newer.list'), `deb [signed-by=${keys}] ${source.uri} ${newer.suite} main\n`);
  // Everything else, such as a proxy, is as the machine's configuration says. As root apt would fetch as a user who may not enter here.
  const options = [
    '-q', '-o', `Dir::Etc::sourcelist=${draft}/newer.list`, '-o', 'Dir::Etc::sourceparts=-', '-o', 'Dir::Etc::preferences=-', '-o', 'Dir::Etc::preferencesparts=-',
    '-o', `Dir::State::lists=${draft}/lists`, '-o', `Dir::Cache=${draft}/cache`, '-o', 'Acquire::Languages=none', '-o', 'Acquire::Retries=3', '-o', 'Acquire::http::Timeout=30',
    ...(process.getuid?.() === 0 ? ['-o', 'APT::Sandbox::User=root'] : []),
  ];
  const quiet = { ...env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  const update = await runGuarded({
    what: `Fetching a newer glibc of ${newer.suite} for the embedded MongoDB (about 20 MB, 10 to 60 seconds, once; the system's own stays as it is)`,
    command: ['apt-get', ...options, 'update'], cwd: draft, env: quiet, limitMs: 10 * 60_000,
  });
  // A hook of the machine may fail without root; what counts is whether the signed package arrives.
  const fetched = await runGuarded({ command: ['apt-get', ...options, 'download', 'libc6'], cwd: draft, env: quiet, limitMs: 5 * 60_000 });
  const archive = readdirSync(draft).find((name) => /^libc6_.*\.deb$/.test(name));
  if (fetched.code !== 0 || archive === undefined) refuse(`apt could not fetch a newer one:\n${update.code === 0 ? '' : `${update.tail}\n`}${fetched.tail}\n`);
  const unpacked = await runGuarded({ command: ['dpkg-deb', '-x', archive, 'root'], cwd: draft, env: quiet, limitMs: 60_000 });
  if (unpacked.code !== 0) refuse(`it could not be unpacked:\n${unpacked.tail}\n`);
  const triple = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
  const libraries = ['usr/lib', 'lib'].map((folder) => `root/${folder}/${triple}`).find((folder) => existsSync(path.join(draft, folder)));
  const loader = libraries === undefined ? undefined : readdirSync(path.join(draft, libraries)).find((name) => /^ld-linux-.*\.so/.test(name));
  if (loader === undefined) refuse('the package holds no loader for this machine');
  for (const left of ['lists', 'cache', 'newer.list', archive]) rmSync(path.join(draft, left), { recursive: true, force: true });
  const run = path.join(draft, 'run');
  writeFileSync(run, `#!/bin/sh
# Runs a program with the libc in this folder: run COMMAND [ARGUMENT…]
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
program=$(command -v "$1") || { echo "$1: not found" >&2; exit 127; }
shift
exec "$here/${libraries}/${loader}" --library-path "$here/${libraries}:/usr/lib/${triple}:/lib/${triple}" "$program" "$@"
`);
  chmodSync(run, 0o755);
  const tried = await runGuarded({ command: [run, process.execPath, '-p', 'process.report.getReport().header.glibcVersionRuntime'], cwd: draft, env: quiet, limitMs: 30_000 });
  if (tried.code !== 0 || !isNewEnough(tried.output.trim().split('.').map(Number))) refuse(`Node does not run with the newer one:\n${tried.tail}\n`);
}

/** Debian's or Ubuntu's family and codename, of a derived distribution too. */
export function parseRelease(text) {
  const fields = Object.fromEntries([...text.matchAll(/^([A-Z_]+)=["']?([^"'\n]*)["']?$/gm)].map(([, name, value]) => [name, value]));
  if (fields.UBUNTU_CODENAME) return { family: 'ubuntu', codename: fields.UBUNTU_CODENAME };
  if (fields.DEBIAN_CODENAME) return { family: 'debian', codename: fields.DEBIAN_CODENAME };
  return { family: fields.ID ?? '', codename: fields.VERSION_CODENAME ?? '' };
}

function readSources(etc) {
  const parts = path.join(etc, 'sources.list.d');
  const files = [path.join(etc, 'sources.list'), ...(existsSync(parts) ? readdirSync(parts).sort().map((name) => path.join(parts, name)) : [])];
  return files.filter((file) => /\.(list|sources)$/.test(file) && existsSync(file)).flatMap((file) => parseSources(file, readFileSync(file, 'utf8')));
}

/** Sources of one file, in either of apt's two formats: [{uri, suites, components, signedBy}]. */
export function parseSources(file, text) {
  if (file.endsWith('.list')) {
    return text.split('\n').map((line) => /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line)).filter((found) => found !== null)
      .map(([, options = '', uri, suite, components]) => ({ uri, suites: [suite], components: components.trim().split(/\s+/), signedBy: pathOf(/signed-by=(\S+)/.exec(options)?.[1]) }));
  }
  return text.replace(/^#.*\n?/gm, '').split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name) => new RegExp(`^${name}:[ \\t]*(.*(?:\\n[ \\t]+.*)*)`, 'im').exec(stanza)?.[1]?.trim() ?? '';
    const words = (name) => field(name).split(/\s+/).filter((word) => word !== '');
    if (!words('Types').includes('deb') || /^no$/i.test(field('Enabled'))) return [];
    return words('URIs').map((uri) => ({ uri, suites: words('Suites'), components: words('Components'), signedBy: pathOf(field('Signed-By')) }));
  });
}

/** Keys may also stand in the source itself; those we do not take over. */
const pathOf = (signedBy) => (signedBy !== undefined && /^\/\S+$/.test(signedBy) ? signedBy : undefined);

/** The archive this release itself comes from: the newer release is on the same mirror. */
export function findSource(sources, codename) {
  return sources.find(({ uri, suites, components }) => !uri.startsWith('cdrom:') && suites.includes(codename) && components.includes('main'));
}

const ways = () => [
  'Set MONGODB_URI to a MongoDB you have.',
  'Install MongoDB so that `mongod` is on the PATH.',
  'Use a system with glibc 2.38 or newer (Debian 13, Ubuntu 24.04, Fedora 39), or Debian or Ubuntu with apt, and run this again: the embedded engine needs nothing else.',
];
