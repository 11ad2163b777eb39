/** Reads docker-compose.yml, the Dockerfile and what they mount, as far as their tests ask: small readers that refuse what they do not know. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { root } from './harness.js';

export const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

export interface Service {
  readonly image: string; readonly build?: { readonly context: string; readonly target: string }; readonly profiles?: readonly string[];
  readonly command?: readonly string[]; readonly entrypoint?: readonly string[]; readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[]; readonly volumes?: readonly string[]; readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>; readonly networks?: readonly string[] | Readonly<Record<string, unknown>>; readonly network_mode?: string;
  readonly restart?: string; readonly user?: string; readonly read_only?: boolean; readonly init?: boolean; readonly tmpfs?: readonly string[]; readonly cap_drop?: readonly string[]; readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[]; readonly mem_limit?: string; readonly pids_limit?: number; readonly stop_grace_period?: string; readonly privileged?: boolean;
}
export interface Compose { readonly services: Readonly<Record<string, Service>>; readonly networks: Readonly<Record<string, { internal?: boolean }>>; readonly volumes: Readonly<Record<string, unknown>> }
export const readCompose = (): Compose => parse(read('docker-compose.yml'), { merge: true }) as Compose;
/** The services that are programs of ours. */
export const ours = ({ services }: Compose): [string, Service][] => Object.entries(services).filter(([, { build }]) => build !== undefined);
export const networksOf = ({ networks = ['default'] }: Service): readonly string[] => (Array.isArray(networks) ? networks as readonly string[] : Object.keys(networks));

const VARIABLE = /\$(?:\$|\{([A-Za-z_]\w*)(?:(:[-?])([^{}]*))?\}|(\w+))/g;
/** The variables a text asks for; with `required` those that stop Compose when they are missing. */
export const variablesOf = (text: string, required = false): string[] => [...text.matchAll(VARIABLE)].filter(([, name, how]) => name !== undefined && (!required || how === ':?')).map(([, name]) => name ?? '');
/** As Compose fills it in. @throws where Compose would stop */
export function interpolate(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(VARIABLE, (whole, name: string | undefined, how: string | undefined, rest: string | undefined) => {
    if (whole === '$$') return '$';
    if (name === undefined) throw new Error(`${whole} is not in braces`);
    const value = env[name] ?? '';
    if (value !== '') return value;
    if (how === ':?') throw new Error(`required variable ${name} is missing a value: ${rest ?? ''}`);
    return how === ':-' ? rest ?? '' : '';
  });
}
/** Lines `NAME=value` of an env file. */
export const envOf = (text: string): Record<string, string> => Object.fromEntries(text.split('\n').filter((line) => line !== '').map((line): [string, string] => { const at = line.indexOf('='); return [line.slice(0, at), line.slice(at + 1)]; }));

export interface Instruction { readonly word: string; readonly rest: string }
export interface Stage { readonly name: string; readonly from: string; readonly instructions: readonly Instruction[] }
/** Stages with their instructions; build arguments before the first FROM are filled in. */
export function readDockerfile(text = read('Dockerfile')): readonly Stage[] {
  const args: Record<string, string> = {};
  const stages: { name: string; from: string; instructions: Instruction[] }[] = [];
  for (const line of text.replace(/\\\n/g, ' ').split('\n').map((one) => one.trim()).filter((one) => one !== '' && !one.startsWith('#'))) {
    const [, word = '', rest = ''] = /^([A-Z]+)\s+(.+)$/.exec(line) ?? [];
    if (word === '') throw new Error(`not an instruction: ${line}`);
    if (word === 'FROM') {
      const [, from = '', name = ''] = /^(\S+) AS (\S+)$/.exec(interpolate(rest, args)) ?? [];
      stages.push({ from, name, instructions: [] });
    } else if (stages.length === 0) { const at = rest.indexOf('='); args[rest.slice(0, at)] = rest.slice(at + 1); } else stages.at(-1)?.instructions.push({ word, rest });
  }
  return stages;
}
export interface Copied { readonly stage: string | null; readonly sources: readonly string[]; readonly to: string }
export const copiesOf = ({ instructions }: Stage): readonly Copied[] => instructions.filter(({ word }) => word === 'COPY').map(({ rest }) => {
  const words = rest.split(/\s+/);
  const flags = words.filter((one) => one.startsWith('--'));
  const paths = words.filter((one) => !one.startsWith('--'));
  return { stage: flags.find((one) => one.startsWith('--from='))?.slice('--from='.length) ?? null, sources: paths.slice(0, -1), to: paths.at(-1) ?? '' };
});

/** Files of the checkout that `.dockerignore` lets through: the last line that fits decides, as the builder reads it. */
export function contextFiles(): readonly string[] {
  const lines = read('.dockerignore').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const rules = lines.map((line) => {
    const pattern = line.replace(/^!/, '').split('/').map((part) => (part === '**' ? '(?:.+/)?' : `${part.replace(/[.+^$()[\]{}|\\]/g, '\\$&').replace(/\*/g, '[^/]*')}/`)).join('').replace(/\/$/, '');
    return { lets: line.startsWith('!'), fits: new RegExp(`^${pattern}(?:/|$)`) };
  });
  const passes = (file: string): boolean => rules.reduce((so, { lets, fits }) => (fits.test(file) ? lets : so), true);
  const found: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
      const file = path.posix.join(folder, entry.name);
      // What may be large and is never let through is not walked at all.
      if (['node_modules', 'dist', '.git', '.slipway'].includes(entry.name)) { if (passes(`${file}/x`)) throw new Error(`${file} would go to the builder`); continue; }
      if (entry.isDirectory()) walk(file); else if (passes(file)) found.push(file);
    }
  };
  walk('');
  return found;
}

/** Packages of the lock file that `npm ci --omit=dev --omit=optional` installs, as paths. */
export const productionPackages = (): readonly string[] => Object.entries((JSON.parse(read('package-lock.json')) as { packages: Record<string, { dev?: boolean; optional?: boolean; devOptional?: boolean; link?: boolean }> }).packages)
  .filter(([where, { dev, optional, devOptional, link }]) => where.startsWith('node_modules/') && [dev, optional, devOptional, link].every((one) => one !== true)).map(([where]) => where).filter((where) => existsSync(path.join(root, where)));

/** A metric that an expression reads, with the labels it looks at. */
export interface Asked { readonly name: string; readonly labels: readonly string[] }
const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan']);
const CLAUSE = /\b(by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)/gi;
/** What a PromQL expression reads. Knows selectors, functions, clauses, ranges and numbers; anything else is refused. */
export function metricsOf(expression: string): readonly Asked[] {
  const asked: Asked[] = [];
  const rest = expression.replace(CLAUSE, ' ').replace(/\b([a-zA-Z_:][\w:]*)\s*(\{[^{}]*\})?(\s*\()?/g, (_whole, name: string, matchers: string | undefined, call: string | undefined) => {
    if (call !== undefined) return ' (';
    if (!WORDS.has(name.toLowerCase())) asked.push({ name, labels: [...(matchers ?? '').replace(/"(?:[^"\\]|\\.)*"/g, '""').matchAll(/([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)/g)].map((match) => match[1] ?? '') });
    return ' ';
  }).replace(/\[\d+[smhd]\]/g, ' ');
  if (!/^[\s\d.()<>=!+\-*/,]*$/.test(rest)) throw new Error(`not understood: ${expression} (${rest})`);
  return asked;
}
/** Every expression of the alerts and of the dashboard. */
export function expressions(): readonly { readonly where: string; readonly expr: string }[] {
  const rules = parse(read('deploy/prometheus/rules.yml')) as { groups: { rules: { alert: string; expr: string }[] }[] };
  const board = JSON.parse(read('deploy/grafana/dashboards/slipway.json')) as { panels: { title: string; targets: { expr: string }[] }[] };
  return [
    ...rules.groups.flatMap((group) => group.rules.map(({ alert, expr }) => ({ where: `alert ${alert}`, expr }))),
    ...board.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ where: `panel ${title}`, expr }))),
  ];
}
