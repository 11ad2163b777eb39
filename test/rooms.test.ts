import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

/** The ladder. A file may import its own room and rooms on a lower rung, nothing else. */
const RUNG: Record<string, number> = {
  core: 0, console: 0, schema: 1, sdk: 1, store: 2, providers: 2, cli: 2, activities: 3, serving: 3, ingest: 3,
  workflows: 4, temporal: 5, api: 6, worker: 6, runtime: 6, bin: 7,
};

/** The register of outside packages. A package gets its line, one room, in the commit that adds it; a room that is not named may load none. */
const PACKAGES: Record<string, RegExp> = {
  sdk: /^(@openfeature\/server-sdk|node:(crypto|fs|http|https))$/,
  schema: /^(zod|yaml|node:(fs|url))$/,
  store: /^(mongodb|node:crypto)$/,
  providers: /^(@lat\.md\/.+|re2js|ajv(-formats)?|fastest-levenshtein|node:(crypto|dns|fs|http|https|net|path|url|worker_threads))$/,
  cli: /^(commander|yaml|cli-progress|cli-table3|d3-(scale|shape)|node:.+)$/,
  activities: /^@temporalio\/activity$/,
  serving: /^node:(crypto|http)$/,
  ingest: /^(protobufjs|node:(crypto|fs|http|url|zlib))$/,
  workflows: /^@temporalio\/workflow$/,
  temporal: /^(@temporalio\/(client|common|envconfig)|node:crypto)$/,
  api: /^(express|helmet|graphql(-yoga|-scalars)?|@graphql-yoga\/.+|@graphql-tools\/schema|@escape\.tech\/graphql-armor(-[a-z-]+)?|dataloader|node:(crypto|http|path))$/,
  worker: /^(@temporalio\/worker|node:(fs|url))$/,
  runtime: /^(pino|@opentelemetry\/.+|@temporalio\/interceptors-opentelemetry|@0q\/embedded-mongodb|node:.+)$/,
  bin: /^(ulid|node:.+)$/,
  console: /./,
};

/** Who may hold the writing half of a collection (`BlockWrites`). Store makes them, bin hands them over. */
const WRITES: Record<string, RegExp> = {
  store: /./, bin: /./,
  api: /^(Application|ApiKey|Person|Grant|Connection|Prompt|Bundle|Dataset|Evaluator|Policy|FreezeWindow|Migration|Rollback|Intent|Duty)Writes$/,
  activities: /^(Environment|Rollback|Evaluation|Calibration|Limit|Release|Watch)Writes$/,
  serving: /^ReaderWrites$/,
  ingest: /^(Batch|Block|Trace|Duty)Writes$/,
  worker: /^(Sweep|Duty)Writes$/,
};

/** Outside bin, values come only from here. From anywhere else: `import type`, and bin hands over the value. */
const VALUES = /^(core|schema)\/|^workflows\/(names|messages)\.ts$/;

/** What is packed and sent away leans on nothing outside the parcel, or that would travel too. */
const PARCELS = [
  { what: /^(workflows|core\/release)\//, holds: /^(workflows\/|core\/(release\/|ids|errors))/, typesVanish: true },
  { what: /^(sdk|core\/(assignment|bundle))\//, holds: /^(sdk\/|core\/(assignment\/|bundle\/|canonical|ids|errors))/, typesVanish: false },
];

/** A room is entered by its door: core has one for each science, schema for each noun, runtime for each part. */
const DOOR = /^(core\/(\w+\/index|ids|errors|canonical|access)|schema\/[\w-]+|workflows\/(names|messages)|runtime\/.+|\w+\/index)\.ts$/;

/** Names that say nothing. A file called so is a noun not yet found. */
const DRAWER = /(^|[-/.])(utils?|helpers?|common|shared|misc|managers?)([-/.]|$)/;

const IMPORT = /^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?from\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;
const root = path.resolve(import.meta.dirname, '..');
const files = Object.keys(RUNG).filter((room) => existsSync(path.join(root, room)))
  .flatMap((room) => readdirSync(path.join(root, room), { recursive: true, encoding: 'utf8' }).map((f) => path.posix.join(room, f)))
  .filter((f) => /\.tsx?$/.test(f) && !/\.(test|d)\.ts$|\/(node_modules|dist)\//.test(f));
const roomOf = (file: string): string => file.split('/')[0] ?? '';
const homeOf = (file: string): string => /^core\/\w+(?=\/)/.exec(file)?.[0] ?? roomOf(file);

function* faultsOf(file: string, text: string): Generator<string> {
  const room = roomOf(file);
  if (DRAWER.test(file)) yield `${file} is a drawer, not a noun`;
  for (const [name] of text.matchAll(/\b[A-Z]\w*Writes\b/g)) if (!WRITES[room]?.test(name)) yield `${room} may not hold ${name}`;
  for (const [, type, named, called] of text.matchAll(IMPORT)) {
    const from = named ?? called ?? '';
    if (!from.startsWith('.')) { if (!PACKAGES[room]?.test(from)) yield `${room} may not load ${from}`; continue; }
    const target = path.posix.join(path.posix.dirname(file), from).replace(/\.js$/, '.ts');
    const other = roomOf(target);
    if (other !== room && (RUNG[other] ?? 99) >= (RUNG[room] ?? 0)) yield `${room} looks up or sideways to ${target}`;
    if (homeOf(target) !== homeOf(file) && !DOOR.test(target)) yield `${target} is not a door`;
    if (other !== room && room !== 'bin' && !type && !VALUES.test(target)) yield `${room} takes ${target}: it should be given`;
    for (const { what, holds, typesVanish } of PARCELS) {
      if (what.test(file) && !holds.test(target) && !(type && typesVanish)) yield `${target} would travel with ${file}`;
    }
  }
}

test.each(files)('%s keeps to its room', (file) => {
  expect([...faultsOf(file, readFileSync(path.join(root, file), 'utf8'))]).toEqual([]);
});

describe('the wall catches what is planted', () => {
  test.each([
    ['core/gate/online.ts', "import { MongoClient } from 'mongodb';"],
    ['core/gate/online.ts', "import { readFile } from 'node:fs/promises';"],
    ['core/release/states.ts', "import { decide } from '../gate/index.js';"],
    ['core/assignment/hash.ts', "import { logFactor } from '../stats/index.js';"],
    ['core/stats/bernoulli.ts', "import { online } from '../gate/online.js';"],
    ['core/query-utils.ts', ''],
    ['store/helpers.ts', ''],
    ['workflows/release.ts', "import { createActivities } from '../activities/index.js';"],
    ['workflows/release.ts', "import { z } from 'zod';"],
    ['workflows/release.ts', "import { StartReleaseInput } from '../schema/release.js';"],
    ['workflows/release.ts', "import { decide } from '../core/gate/index.js';"],
    ['serving/index.ts', "import express from 'express';"],
    ['serving/index.ts', "import { openStore } from '../store/index.js';"],
    ['serving/index.ts', "import { accept } from '../ingest/index.js';"],
    ['serving/index.ts', "import type { BatchWrites } from '../store/index.js';"],
    ['ingest/fold.ts', "import type { EnvironmentWrites } from '../store/index.js';"],
    ['api/resolvers/release.ts', "import type { EnvironmentWrites } from '../../store/index.js';"],
    ['api/resolvers/release.ts', "import { ApplicationFailure } from '@temporalio/activity';"],
    ['api/index.ts', "import { createServing } from '../serving/resolve.js';"],
    ['activities/release.ts', "import { createOrders } from '../temporal/index.js';"],
    ['activities/release.ts', "import { openStore } from '../store/index.js';"],
    ['activities/release-look.ts', "import type { BlockWrites } from '../store/index.js';"],
    ['cli/release.ts', "import { createOrders } from '../temporal/index.js';"],
    ['cli/dev.ts', "import { startTemporal } from '../runtime/engines/temporal.js';"],
    ['sdk/client.ts', "import { decideGate } from '../core/gate/index.js';"],
    ['sdk/client.ts', "import { MongoClient } from 'mongodb';"],
    ['temporal/index.ts', "import { Worker } from '@temporalio/worker';"],
    ['runtime/log.ts', "import { ReleaseState } from '../core/release/states.js';"],
    ['providers/openai.ts', "import OpenAI from 'openai';"],
    ['schema/release.ts', "import { policies } from '../store/policies.js';"],
    ['store/releases.ts', "import { z } from 'zod';"],
    ['store/releases.ts', "import { mayApprove } from '../core/release/plan.js';"],
    ['worker/index.ts', "import { createActivities } from '../activities/index.js';"],
    ['api/context.ts', "const x = await import('mongodb');"],
    ['api/context.ts', "export { openStore } from '../store/index.js';"],
    ['bin/manager.ts', ''],
  ])('%s: %s', (file, text) => { expect([...faultsOf(file, text)]).not.toEqual([]); });

  test.each([
    ['workflows/release.ts', "import type { ReleaseActivities } from '../activities/index.js';"],
    ['workflows/release.ts', "import { isOpen } from '../core/release/index.js';"],
    ['activities/release.ts', "import type { EnvironmentWrites } from '../store/index.js';"],
    ['temporal/index.ts', "import { releaseWorkflowId } from '../workflows/names.js';"],
    ['api/resolvers/release.ts', "import { read } from '../../schema/read.js';"],
    ['api/resolvers/environment.ts', "import type { RollbackWrites } from '../../store/index.js';"],
    ['bin/edge.ts', "import { createServing } from '../serving/index.js';"],
    ['sdk/client.ts', "import { armOf } from '../core/assignment/index.js';"],
    ['serving/resolve.ts', "import { armOf } from '../core/assignment/index.js';"],
    ['ingest/fold.ts', "import type { BlockWrites } from '../store/index.js';"],
  ])('a legal neighbour passes: %s: %s', (file, text) => { expect([...faultsOf(file, text)]).toEqual([]); });
});
