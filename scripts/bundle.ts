/** Part of `npm run build`: makes dist/workflow-bundle.js, once, so that no worker has to. Fails when a workflow reaches for what the sandbox does not have. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startTelemetry } from '../runtime/telemetry.js';
import { makeBundle } from '../worker/bundle.js';

const telemetry = startTelemetry({ serviceName: 'slipway-build' });
const { code } = await makeBundle([await telemetry.temporalPlugin()]);
await telemetry.close();
const file = path.resolve(import.meta.dirname, '../dist/workflow-bundle.js');
mkdirSync(path.dirname(file), { recursive: true });
writeFileSync(file, code);
console.log(`${path.relative(process.cwd(), file)}: ${Math.round(code.length / 1024)} kB`);
