/** Bench of goal G1: what the command line adds to starting Node. `npm run bench -- cli [--json] [--pairs N]`, after `npm run build`. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { measure, report } from './pairs.js';

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, pairs: { type: 'string', default: '15' } } });
const root = path.resolve(import.meta.dirname, '..');
const slipway = path.join(root, 'scripts', 'slipway.mjs');
if (!existsSync(path.join(root, 'dist', 'built'))) {
  process.stderr.write('What is measured is the build, and there is none: npm run build\n');
  process.exit(2);
}

/** Wall time from before the start to the end, in ms. The output is read, as a shell would. */
function wallOf(args: readonly string[], expected: RegExp): Promise<number> {
  return new Promise((resolve, reject) => {
    const beganMs = performance.now();
    const child = spawn(process.execPath, [...args], { cwd: root, env: { PATH: process.env['PATH'] ?? '' }, stdio: ['ignore', 'pipe', 'pipe'] });
    let told = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => { told += text; });
    child.stderr.setEncoding('utf8').on('data', (text: string) => { told += text; });
    child.once('error', reject);
    child.once('close', (code) => {
      const wallMs = performance.now() - beganMs;
      if (code === 0 && expected.test(told)) resolve(wallMs); else reject(new Error(`${args.join(' ')} ended with ${code}: ${told}`));
    });
  });
}

/** An API that answers at once, so that what is measured is ours: `release list` asks it one question. */
let calls = 0;
const api = createServer((request, response) => {
  request.resume().once('end', () => { calls += 1; response.setHeader('content-type', 'application/json').end('{"data":{"releases":{"nodes":[]}}}'); });
});
await new Promise<void>((resolve) => { api.listen(0, '127.0.0.1', resolve); });
const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;

const floor = (): Promise<number> => wallOf(['-e', '0'], /^$/);
const options = { pairs: Math.max(3, Number(values.pairs)), warmUps: 2, discardedMax: 15 };
const figures = [
  await measure({ bench: 'cli', goal: 'G1', metric: 'slipway --version, wall', unit: 'ms', floorName: 'node -e 0', limit: 1.35, floor, ours: () => wallOf([slipway, '--version'], /^\d+\.\d+\.\d+\n$/) }, options),
  await measure({ bench: 'cli', goal: 'G1', metric: 'one call to the API, wall', unit: 'ms', floorName: 'node -e 0', limit: 1.6, floor, ours: () => wallOf([slipway, 'release', 'list', '--json', '--api', url, '--key', 'a-key-for-the-bench'], /"next"/) }, options),
];
api.close();
const [, call] = figures;
if (calls !== (call?.pairs ?? 0) + (call?.discarded ?? 0) + options.warmUps) throw new Error(`${calls} calls: the command does not make exactly one`);
report(figures, { json: values.json });
