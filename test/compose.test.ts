import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readSettings } from '../runtime/settings.js';
import { SettingsVariables } from '../schema/settings.js';
import { contextFiles, copiesOf, envOf, expressions, interpolate, metricsOf, networksOf, ours, productionPackages, read, readCompose, readDockerfile, variablesOf } from './compose.js';
import { root } from './harness.js';

const compose = readCompose();
const services = Object.entries(compose.services);
const programs = ours(compose);
const stages = readDockerfile();
const image = stages.at(-1);
const folder = mkdtempSync(path.join(tmpdir(), 'slipway-compose-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });
const makeSecrets = (file: string) => spawnSync('sh', [path.join(root, 'deploy/secrets.sh'), file], { encoding: 'utf8' });
const secretsFile = path.join(folder, 'made.env');
const made = makeSecrets(secretsFile);
const secrets = envOf(readFileSync(secretsFile, 'utf8'));
const filled = (service: string): Record<string, string> => Object.fromEntries(Object.entries(compose.services[service]?.environment ?? {}).map(([name, value]) => [name, interpolate(value, secrets)]));
const says = (word: string): readonly string[] => (image?.instructions ?? []).filter((one) => one.word === word).map(({ rest }) => rest);

describe('R-866 the image holds what runs and nothing else, and runs as nobody on a tree it cannot write', () => {
  test('every stage begins from an image with a version, and Node is the same in all of them', () => {
    expect(stages.map(({ name }) => name)).toEqual(['packages', 'build', 'production', 'slipway']);
    for (const { from } of stages) expect(from === 'packages' || /^[\w./-]+:(?!latest)[\w.-]+$/.test(from), from).toBe(true);
    expect(new Set(stages.map(({ from }) => /^node:(\d+\.\d+\.\d+)-/.exec(from)?.[1]).filter((version) => version !== undefined)).size).toBe(1);
    expect(stages[0]?.from).toMatch(/^node:24\./);
  });
  test('what it copies is there: in the checkout, let through to the builder, or made by an earlier stage', () => {
    const context = contextFiles();
    const isInContext = (source: string): boolean => source === '.' || context.some((file) => file === source || file.startsWith(`${source.replace(/\/$/, '')}/`));
    const made_ = ['/src/dist', '/src/node_modules', '/usr/local/bin/node'];
    stages.forEach((stage, i) => {
      for (const { stage: from, sources } of copiesOf(stage)) {
        if (from !== null) expect(stages.slice(0, i).map(({ name }) => name)).toContain(from);
        for (const source of sources) expect(from === null ? isInContext(source) : made_.includes(source) || isInContext(source.replace(/^\/src\//, '')), `${stage.name}: ${source}`).toBe(true);
      }
    });
  });
  test('nothing that is not named goes to the builder: no secret, no engine, no test, no papers', () => {
    const context = contextFiles();
    expect(context.filter((file) => /(^|\/)\.env|\.slipway|node_modules|\.test\.ts$|^(test|bench|docs|\.git)(\/|$)|^docker-compose/.test(file))).toEqual([]);
    for (const needed of ['bin/api.ts', 'scripts/bundle.ts', 'sdk/package.json', 'tsconfig.build.json']) expect(context).toContain(needed);
    // Every room that the build takes is let through.
    const { include } = JSON.parse(read('tsconfig.build.json')) as { include: string[] };
    expect(include.filter((room) => !context.some((file) => file.startsWith(`${room}/`)))).toEqual([]);
  });
  test('uid 65532, without a shell, with a health check and every port of the settings', () => {
    expect(says('USER')).toEqual(['65532:65532']);
    expect(image?.from).toMatch(/^gcr\.io\/distroless\//);
    for (const word of ['CMD', 'HEALTHCHECK']) expect(JSON.parse(/\[.*\]$/.exec(says(word)[0] ?? '')?.[0] ?? 'null'), word).toEqual(expect.arrayContaining(['node']));
    const ports = (['SLIPWAY_API_PORT', 'SLIPWAY_EDGE_PORT', 'SLIPWAY_MODEL_PORT', 'SLIPWAY_WORKER_PORT'] as const).map((name) => String(SettingsVariables.parse({})[name]));
    expect(says('EXPOSE')).toEqual([ports.join(' ')]);
    expect(says('RUN')).toEqual([]);
    expect(says('ENV').join(' ')).not.toMatch(/KEY|PEPPER|PASSWORD|SECRET/);
  });
  test('the embedded engine and what only builds or tests stay out', () => {
    const kept = productionPackages();
    expect(kept).toContain('node_modules/mongodb');
    expect(kept.filter((where) => /node_modules\/(@0q\/|typescript$|vitest$|tsx$|esbuild$|eslint$)/.test(where))).toEqual([]);
    expect(stages.find(({ name }) => name === 'production')?.instructions.at(-1)).toEqual({ word: 'RUN', rest: 'npm ci --omit=dev --omit=optional --ignore-scripts' });
  });
  test('healthy.mjs says what the door says', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => { asked.push(request.url ?? ''); response.writeHead(request.url === '/readyz' ? 503 : 200).end(); });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { spawn } = await import('node:child_process');
    const ask = (words: string[], env: Record<string, string> = {}) => new Promise<number | null>((resolve) => { spawn(process.execPath, [path.join(root, 'deploy/healthy.mjs'), ...words], { env, stdio: 'ignore' }).on('exit', resolve); });
    const none = { SLIPWAY_API_PORT: '1', SLIPWAY_EDGE_PORT: '1', SLIPWAY_MODEL_PORT: '1', SLIPWAY_WORKER_PORT: '1' };
    expect(await Promise.all([ask([`http://127.0.0.1:${String(port)}/healthz`]), ask([`http://127.0.0.1:${String(port)}/readyz`]), ask([], none), ask([], { ...none, SLIPWAY_EDGE_PORT: String(port) })])).toEqual([0, 1, 1, 0]);
    expect(asked.sort()).toEqual(['/healthz', '/healthz', '/readyz']);
    server.close();
  });
});

describe('R-867 docker-compose.yml and what it names agree: files, settings, ports, doors, limits', () => {
  test('two of each program, each edge under a name of its own, and all engines', () => {
    expect(programs.map(([name]) => name)).toEqual(['api-1', 'api-2', 'worker-1', 'worker-2', 'edge-1', 'edge-2', 'model']);
    expect([filled('edge-1')['SLIPWAY_READER'], filled('edge-2')['SLIPWAY_READER']]).toEqual(['edge-1', 'edge-2']);
    for (const name of ['mongodb-1', 'mongodb-2', 'mongodb-3', 'postgres', 'temporal', 'temporal-ui', 'collector', 'prometheus', 'grafana']) expect(compose.services[name], name).toBeDefined();
  });
  test.each(services)('%s: an image with a version, a restart policy, limits of memory and processes, no new privileges', (name, service) => {
    expect(interpolate(service.image, {})).toMatch(name in Object.fromEntries(programs) ? /^slipway:local$/ : /^[\w./-]+:v?\d+\.\d+\.\d+[\w.-]*$|^postgres:16\.\d+-alpine[\d.]+$/);
    expect(service).toMatchObject({ security_opt: ['no-new-privileges:true'], mem_limit: expect.stringMatching(/^\d+[mg]$/) as string, pids_limit: expect.any(Number) as number, restart: expect.stringMatching(/^(unless-stopped|on-failure:\d)$/) as string });
    expect([service.privileged, service.cap_add]).toEqual([undefined, undefined]);
  });
  test.each(programs)('%s runs as the image says: nobody, read-only, without capabilities', (_name, service) => {
    expect(service).toMatchObject({ user: says('USER')[0], read_only: true, cap_drop: ['ALL'], init: true, build: { context: '.', target: image?.name } });
    expect(service.tmpfs).toEqual([expect.stringMatching(/^\/tmp:size=\d+m,.*noexec,nosuid,nodev$/)]);
    expect(service.volumes).toBeUndefined();
  });
  test('every file that is mounted exists, read-only; every volume and network is declared', () => {
    for (const [name, service] of services) {
      for (const volume of service.volumes ?? []) {
        const [from = '', , mode] = volume.split(':');
        if (from.startsWith('.')) expect([existsSync(path.join(root, from)), mode], `${name}: ${volume}`).toEqual([true, 'ro']);
        else expect(compose.volumes, `${name}: ${volume}`).toHaveProperty([from]);
      }
      if (service.network_mode === undefined) for (const network of networksOf(service)) expect(compose.networks, name).toHaveProperty([network]);
      for (const needed of Object.keys(service.depends_on ?? {})) expect(compose.services, name).toHaveProperty([needed]);
      if (service.network_mode !== undefined) expect(compose.services).toHaveProperty([service.network_mode.replace('service:', '')]);
    }
    // Everything in deploy/ is mounted, copied into the image, or what one runs beforehand.
    const named = [...services.flatMap(([, service]) => service.volumes ?? []).filter((one) => one.startsWith('.')).map((one) => path.normalize(one.split(':')[0] ?? '')), 'deploy/healthy.mjs', 'deploy/secrets.sh'];
    const files = readdirSync(path.join(root, 'deploy'), { recursive: true, encoding: 'utf8' }).map((file) => path.join('deploy', file)).filter((file) => statSync(path.join(root, file)).isFile());
    expect(files.filter((file) => !named.some((one) => file === one || file.startsWith(`${one}/`)))).toEqual([]);
  });
  test.each(programs)('%s gets settings that exist, with values that are read', (name, { environment = {} }) => {
    expect(Object.keys(environment).filter((variable) => !(variable in SettingsVariables.shape))).toEqual([]);
    expect(readSettings(filled(name))).toMatchObject({ environment: 'production', host: '0.0.0.0', otlpEndpoint: 'http://collector:4318' });
  });
  test('who needs a secret has it, and nobody else: an edge has no Temporal and no signing key, a worker no key of ours', () => {
    const has = (name: string, variable: string): boolean => (filled(name)[variable] ?? '') !== '';
    const table = { MONGODB_URI: ['api', 'worker', 'edge'], TEMPORAL_ADDRESS: ['api', 'worker'], SLIPWAY_TOKEN_KEY: ['api', 'edge'], SLIPWAY_PEPPER: ['api', 'edge'], SLIPWAY_SIGNING_KEY: ['api'] };
    for (const [variable, who] of Object.entries(table)) for (const [name] of programs) expect(has(name, variable), `${name} ${variable}`).toBe(who.includes(name.replace(/-\d$/, '')));
    for (const edge of ['edge-1', 'edge-2']) expect(Object.keys(compose.services[edge]?.depends_on ?? {})).toEqual(['mongodb-init']);
  });
  test('ports: what is set, exposed, published, asked for health and scraped is one number for each program', () => {
    const scraped = (parse(read('deploy/prometheus/prometheus.yml')) as { scrape_configs: { static_configs: { targets: string[] }[] }[] }).scrape_configs.flatMap((job) => job.static_configs.flatMap(({ targets }) => targets));
    for (const [name, service] of programs) {
      const program = name.replace(/-\d$/, '');
      const port = filled(name)[`SLIPWAY_${program.toUpperCase()}_PORT`] ?? '';
      expect(says('EXPOSE')[0]?.split(' '), name).toContain(port);
      expect(service.healthcheck?.test).toEqual(['CMD', 'node', 'healthy.mjs', `http://127.0.0.1:${port}/readyz`]);
      for (const published of service.ports ?? []) expect(published.split(':').at(-1)).toBe(port);
      if (name !== 'model') expect(scraped).toContain(`${name}:${port}`);
    }
    for (const target of scraped) expect(compose.services).toHaveProperty([target.split(':')[0] ?? '']);
    const published = services.flatMap(([, { ports = [] }]) => ports.map((port) => interpolate(port, {})));
    expect(published.every((port) => port.startsWith('127.0.0.1:'))).toBe(true);
    expect(new Set(published.map((port) => port.split(':')[1])).size).toBe(published.length);
  });
  test('every service is asked how it is, but for those that end and the one whose image can ask nothing', () => {
    const silent = services.filter(([, { healthcheck }]) => healthcheck === undefined).map(([name]) => name);
    expect(silent).toEqual(['mongodb-init', 'temporal-schema', 'temporal-namespace', 'collector']);
    for (const [name, { depends_on: needs = {} }] of services) for (const [needed, { condition }] of Object.entries(needs)) {
      expect(condition, `${name} on ${needed}`).toBe(compose.services[needed]?.restart?.startsWith('on-failure') === true ? 'service_completed_successfully' : 'service_healthy');
    }
  });
  test('databases and Temporal are on a network without a way out, and publish no port', () => {
    expect(compose.networks['engines']).toEqual({ internal: true });
    for (const name of ['mongodb-1', 'mongodb-2', 'mongodb-3', 'postgres', 'temporal']) expect([name, compose.services[name]?.ports]).toEqual([name, undefined]);
    for (const name of ['mongodb-1', 'mongodb-2', 'mongodb-3', 'postgres']) expect(networksOf(compose.services[name] ?? { image: '' })).toEqual(['engines']);
  });
  test('the collector has what its pipelines name, and listens where the programs send', () => {
    const config = parse(read('deploy/collector/config.yaml')) as Record<string, Record<string, unknown>> & { service: { pipelines: Record<string, Record<string, string[]>> } };
    expect(Object.keys(config).sort()).toEqual(['exporters', 'processors', 'receivers', 'service']);
    for (const pipeline of Object.values(config.service.pipelines)) for (const [kind, names] of Object.entries(pipeline)) for (const name of names) expect(config[kind], name).toHaveProperty([name]);
    expect(config['receivers']).toEqual({ otlp: { protocols: { http: { endpoint: '0.0.0.0:4318' } } } });
    expect(read('deploy/collector/config.yaml')).toContain('port: 8888');
  });
  test('Grafana finds the datasource that the panels name', () => {
    const { datasources } = parse(read('deploy/grafana/provisioning/datasources/prometheus.yaml')) as { datasources: { uid: string; url: string }[] };
    const board = JSON.parse(read('deploy/grafana/dashboards/slipway.json')) as { panels: { id: number; gridPos: { x: number; w: number }; datasource: { uid: string } }[] };
    expect(datasources).toMatchObject([{ uid: 'prometheus', url: 'http://prometheus:9090' }]);
    expect(new Set(board.panels.map(({ datasource }) => datasource.uid))).toEqual(new Set(['prometheus']));
    expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length);
    for (const { gridPos } of board.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    const { providers } = parse(read('deploy/grafana/provisioning/dashboards/slipway.yaml')) as { providers: { options: { path: string } }[] };
    expect(compose.services['grafana']?.volumes).toContain(`./deploy/grafana/dashboards:${providers[0]?.options.path ?? ''}:ro`);
  });
  test('the members that are set up are those that run, and those that programs call', () => {
    const hosts = services.map(([name]) => name).filter((name) => /^mongodb-\d$/.test(name)).map((name) => `${name}:27017`);
    expect(JSON.parse((/MEMBERS = (\[.*\])/.exec(read('deploy/mongodb/init.mjs'))?.[1] ?? '').replaceAll("'", '"'))).toEqual(hosts);
    expect(filled('api-1')['MONGODB_URI']).toContain(`@${hosts.join(',')}/?replicaSet=slipway`);
  });
  describe('deploy/mongodb/init.mjs', () => {
    interface Cluster { initiated: boolean; rootPassword: string | null; users: Map<string, string>; primary: number; ran: string[] }
    /** What the script sees of mongosh: the member it stands beside, by 127.0.0.1, and the set by name and password. */
    const setUp = (cluster: Cluster, passwords: Record<string, string>): string => {
      class Mongo {
        readonly isSet: boolean; readonly signedIn: boolean;
        constructor(uri: string) {
          this.isSet = uri.includes('replicaSet=slipway');
          this.signedIn = cluster.rootPassword !== null && uri.startsWith(`mongodb://root:${cluster.rootPassword}@`);
          if (this.isSet && !this.signedIn) throw new Error('Authentication failed.');
        }
        getDB(name: string): object {
          return {
            getSiblingDB: (other: string) => this.getDB(other),
            hello: () => ({ ok: 1, ...(cluster.initiated ? { setName: 'slipway', primary: `mongodb-${String(cluster.primary)}:27017`, isWritablePrimary: cluster.primary === 1 } : {}) }),
            runCommand: (command: Record<string, unknown>) => {
              const [word = ''] = Object.keys(command);
              cluster.ran.push(`${name} ${word}`);
              if (word === 'replSetInitiate') { if (cluster.initiated) throw new Error('already initialized'); cluster.initiated = true; }
              // From 127.0.0.1 without signing in: the first user, and no other.
              if (word === 'createUser' && name === 'admin') { if (this.isSet || cluster.rootPassword !== null) throw new Error('not allowed'); cluster.rootPassword = String(command['pwd']); }
              if (name !== 'admin' && !this.signedIn) throw new Error('requires authentication');
              if (name !== 'admin' && word !== 'usersInfo') { if (cluster.users.has('slipway') !== (word === 'updateUser')) throw new Error(word); cluster.users.set('slipway', String(command['pwd'])); }
              return { ok: 1, users: [...cluster.users.keys()] };
            },
          };
        }
      }
      const said: string[] = [];
      const quit = (code: number): never => { throw new Error(`quit ${String(code)}: ${said.join(' ')}`); };
      // eslint-disable-next-line @typescript-eslint/no-implied-eval
      new Function('Mongo', 'process', 'quit', 'sleep', 'print', read('deploy/mongodb/init.mjs'))(Mongo, { env: passwords }, quit, () => quit(2), (text: string) => said.push(text));
      return said.join('\n');
    };
    const passwords = { MONGODB_ROOT_PASSWORD: 'r', MONGODB_PASSWORD: 'p' };
    const fresh = (): Cluster => ({ initiated: false, rootPassword: null, users: new Map(), primary: 1, ran: [] });

    test('makes the set, the first user and ours; a second time it finds them, whoever is primary, and sets the password that is given', () => {
      const cluster = fresh();
      expect(setUp(cluster, passwords)).toBe('The replica set and its users are there.');
      expect(cluster).toMatchObject({ initiated: true, rootPassword: 'r', users: new Map([['slipway', 'p']]) });
      Object.assign(cluster, { ran: [], primary: 3 });
      setUp(cluster, { ...passwords, MONGODB_PASSWORD: 'q' });
      expect([cluster.ran, cluster.users.get('slipway')]).toEqual([['admin ping', 'slipway usersInfo', 'slipway updateUser'], 'q']);
    });
    test.each<[string, Partial<Cluster>]>([['after the set', { initiated: true }], ['after the first user', { initiated: true, rootPassword: 'r' }]])('goes on where it was stopped %s', (_when, already) => {
      const cluster = { ...fresh(), ...already };
      setUp(cluster, passwords);
      expect(cluster).toMatchObject({ initiated: true, rootPassword: 'r', users: new Map([['slipway', 'p']]) });
    });
    test('another root password than that of the set is no success', () => { expect(() => setUp({ ...fresh(), initiated: true, rootPassword: 'other' }, passwords)).toThrow('quit'); });
  });
  test.each(['deploy/secrets.sh', 'deploy/temporal/schema.sh', 'deploy/temporal/namespace.sh', 'deploy/mongodb/member.sh', 'deploy/mongodb/init.mjs', 'deploy/healthy.mjs'])('%s can be read by what runs it', (file) => {
    const [program, ...words] = file.endsWith('.sh') ? [file.includes('member') ? 'bash' : 'sh', '-n'] : [process.execPath, '--check'];
    const done = spawnSync(program ?? '', [...words, path.join(root, file)], { encoding: 'utf8' });
    expect([done.status, done.stderr]).toEqual([0, '']);
  });
  test('deploy/secrets.sh makes every secret that is asked for, for its owner alone, each another', () => {
    expect(made.status).toBe(0);
    const required = [...new Set(variablesOf(read('docker-compose.yml'), true))].sort();
    expect(Object.keys(secrets).sort()).toEqual(required);
    expect(new Set(Object.values(secrets)).size).toBe(required.length);
    expect(statSync(secretsFile).mode & 0o777).toBe(0o600);
    for (const [name, value] of Object.entries(secrets)) { expect(value, name).toMatch(/^[\w-]{43,64}$/); expect(made.stderr + made.stdout).not.toContain(value); }
    for (const name of required) expect(() => interpolate(`\${${name}:?run deploy/secrets.sh}`, {})).toThrow(name);
  });
  test('a second time it changes nothing; a line that is missing is added, and what is there stays', () => {
    const before = readFileSync(secretsFile, 'utf8');
    expect([makeSecrets(secretsFile).stderr, readFileSync(secretsFile, 'utf8')]).toEqual(['', before]);
    const partial = path.join(folder, 'partial.env');
    writeFileSync(partial, 'BIND=0.0.0.0\nSLIPWAY_PEPPER=mine');
    expect(makeSecrets(partial).status).toBe(0);
    expect(envOf(readFileSync(partial, 'utf8'))).toMatchObject({ BIND: '0.0.0.0', SLIPWAY_PEPPER: 'mine', SLIPWAY_TOKEN_KEY: expect.stringMatching(/^[\w-]{43}$/) as string });
  });
});

describe('R-869 every metric that an alert or a panel names is one that the programs export', () => {
  test.each<[string, readonly unknown[]]>([
    ['up{job="a"} == 0', [{ name: 'up', labels: ['job'] }]],
    ['(sum(slipway_x) or vector(0)) < 1', [{ name: 'slipway_x', labels: [] }]],
    ['sum by (status) (rate(a_total{status=~"5..", b!="{x}"}[5m])) / clamp_min(sum(rate(b_total[5m])), 1) > 0.01', null as never],
    ['sum by (arm) (rate(a_total{arm!=""}[1m]))', [{ name: 'a_total', labels: ['arm'] }]],
    ['max(a) > 10 * 86400 unless on(instance) b', [{ name: 'a', labels: [] }, { name: 'b', labels: [] }]],
  ])('the reader of expressions: %s', (expression, asked) => {
    if (asked === null) expect(() => metricsOf(expression)).toThrow('not understood');   // a brace in a value is beyond it, and it says so
    else expect(metricsOf(expression)).toEqual(asked);
  });
  test('every expression is understood, and every alert says what to do', () => {
    const all = expressions();
    expect(all.length).toBeGreaterThan(30);
    for (const { where, expr } of all) expect(metricsOf(expr).length, where).toBeGreaterThan(0);
    const { groups } = parse(read('deploy/prometheus/rules.yml')) as { groups: { rules: { alert: string; labels: { severity: string }; annotations: { summary: string; action: string } }[] }[] };
    for (const { alert, labels, annotations } of groups.flatMap(({ rules }) => rules)) expect([alert, /^(page|notify)$/.test(labels.severity), annotations.summary.length > 10, annotations.action.length > 10]).toEqual([alert, true, true, true]);
  });
});
