/**
 * Makes ingest/otlp.generated.ts from the official .proto files (opentelemetry-proto, Apache-2.0; the Maven artefact
 * io.opentelemetry.proto:opentelemetry-proto holds them in its jar):
 *
 *     node scripts/otlp-descriptor.mjs FOLDER_WITH_opentelemetry VERSION
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import protobuf from 'protobufjs';

const [folder = '.', version = 'unknown'] = process.argv.slice(2);
const root = new protobuf.Root();
root.resolvePath = (_origin, target) => path.join(folder, target);
root.loadSync(['opentelemetry/proto/collector/trace/v1/trace_service.proto', 'opentelemetry/proto/collector/logs/v1/logs_service.proto', 'opentelemetry/proto/collector/metrics/v1/metrics_service.proto']);
root.resolveAll();
// Point metrics are answered, never read: the answer's own messages are all that is kept of them.
root.lookup('opentelemetry.proto').remove(root.lookup('opentelemetry.proto.metrics'));
const metrics = root.lookup('opentelemetry.proto.collector.metrics.v1');
for (const name of ['MetricsService', 'ExportMetricsServiceRequest']) metrics.remove(metrics.get(name));
const json = JSON.stringify(root.toJSON(), (key, value) => (key === 'comment' || key === 'protoName' ? undefined : value));
writeFileSync('ingest/otlp.generated.ts', `/** Descriptor of opentelemetry-proto ${version} (Apache-2.0). Made by scripts/otlp-descriptor.mjs; do not edit. */
import type { INamespace } from 'protobufjs';

export const descriptor: INamespace = ${json};
`);
