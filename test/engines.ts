import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { startMongoDb } from '../runtime/engines/mongodb.js';
import { startTemporal } from '../runtime/engines/temporal.js';
import { surroundings } from '../runtime/settings.js';

declare module 'vitest' {
  /** What a test of the project `engines` may `inject`. */
  export interface ProvidedContext {
    /** `host:port`; Temporal keeps everything in memory, unless TEMPORAL_ADDRESS was given */
    temporalAddress: string;
    /** the server; take a database of your own in it */
    mongodbUri: string;
  }
}

/** Starts both real engines once for all test files of the project, and ends them with it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = mkdtempSync(path.join(tmpdir(), 'slipway-engines-'));
  const env = surroundings();
  const logDir = path.join(dir, 'logs');
  const started = await Promise.allSettled([
    startMongoDb({ given: env['MONGODB_URI'], env, dataDir: path.join(dir, 'mongodb'), logDir }),
    startTemporal({ given: env['TEMPORAL_ADDRESS'], env, logDir }),
  ]);
  const [mongodb, temporal] = started;
  const teardown = async (): Promise<void> => {
    await Promise.all(started.map(async (one) => { if (one.status === 'fulfilled') await one.value.stop(); }));
    rmSync(dir, { recursive: true, force: true });
  };
  if (mongodb.status === 'rejected' || temporal.status === 'rejected') {
    await teardown();
    throw new Error(started.map((one) => (one.status === 'rejected' ? String(one.reason) : '')).join('\n').trim());
  }
  project.provide('mongodbUri', mongodb.value.uri);
  project.provide('temporalAddress', temporal.value.address);
  return teardown;
}
