import type { Command } from './context.js';

/** One command: what is typed, what it means, and the module that is loaded when it is typed. */
export interface Word {
  readonly words: string;
  /** As Commander writes them: `<needed>`, `[optional]`, `<many...>`. */
  readonly args?: string;
  readonly summary: string;
  readonly options?: readonly Option[];
  readonly load: () => Promise<Command>;
}
export interface Option { readonly flags: string; readonly means: string; readonly needed?: boolean; readonly many?: boolean }

const needed = (flags: string, means: string): Option => ({ flags, means, needed: true });
const option = (flags: string, means: string): Option => ({ flags, means });
const many = (flags: string, means: string): Option => ({ flags, means, many: true });
const APP = needed('--app <key>', 'the application');
const ENV = needed('--env <name>', 'the environment');
const POLICY = needed('--policy <name>', 'the rollout policy, in its latest version');
const CANDIDATE = [option('--prompt <name@version>', 'a prompt version on top of what is stable'), option('--bundle <digest>', 'a whole bundle')];

const FORMAT = option('--format <jsonl|csv|preferences>', 'else by the name of the file: .csv is CSV; preferences: lines of prompt, chosen, rejected');
const BUILTIN = [
  option('--builtin <set>', 'adversarial: more than a hundred attacks, which tiers LIMITED and HIGH ask for'), option('--input <variable>', "the built-in set, and preferences: the prompt's variable for what the user says; else question"),
  many('--document <variable>', "the built-in set: the prompt's variable for what was found; may be given again"), many('--fill <name=value>', "the built-in set: what another variable of the prompt holds; may be given again"),
];

/** Options every command takes. */
export const GLOBALS: readonly Option[] = [
  option('--json', 'one JSON object a line, with stable names, instead of text'),
  option('--api <url>', 'where the API is; else SLIPWAY_API_URL, else the development stack of this directory'),
  option('--key <key>', 'session or CI key; else SLIPWAY_API_KEY, else the person of the development stack who fits the command'),
  option('--data <dir>', 'data directory of the development stack; else SLIPWAY_DATA_DIR, else .slipway'),
  option('--as <person>', 'which person of the development stack: admin, author, releaseManager, approver, onCall'),
];

/** All that may be typed, in the order of docs/cli.md. */
export const WORDS: readonly Word[] = [
  { words: 'dev', summary: 'the whole stack on this machine, until Ctrl-C', options: [option('--ephemeral', 'keep nothing'), option('--headless', "without Temporal's web interface")], load: () => import('./dev.js').then((m) => m.dev) },
  {
    words: 'demo', summary: 'the story: a good version goes live, a bad one is taken back', load: () => import('./demo.js').then((m) => m.demo),
    options: [option('--keep', 'leave the stack up at the end and print its links'), option('--candidate <file>', 'your own .prompt.yml down the same path, whatever comes out'), option('--prompts <dir>', 'take answer.v1 … answer.v4 from here')],
  },
  {
    words: 'apply', summary: 'make so what slipway.yaml declares; prints a plan first', load: () => import('./apply.js').then((m) => m.apply),
    options: [needed('-f, --file <path>', 'the manifest'), option('--yes', 'do not ask'), option('--plan', 'print the plan and end')],
  },
  {
    words: 'prompt push', args: '<file...>', summary: 'register .prompt.yml files as prompt versions', load: () => import('./prompt.js').then((m) => m.push),
    options: [option('--app <key>', 'the application; else the one of slipway.yaml beside or above the file'), option('--message <text>', 'why; else the description in the file'), option('--name <prompt>', 'name of the prompt, when the file has none of the right form')],
  },
  {
    words: 'dataset import', args: '[file]', summary: 'a JSONL or CSV file, the built-in attacks, or both, as the next version of a dataset; all rows or none', load: () => import('./dataset.js').then((m) => m.importDataset),
    options: [APP, needed('--name <dataset>', 'the dataset'), FORMAT, option('--variables', 'CSV: every column that is no field is a variable of its name'), option('--split <name>', 'the split of rows that name none'), ...BUILTIN, option('--check', 'read and report; import nothing')],
  },
  { words: 'dataset show', args: '<name[@version]>', summary: 'one version: how many cases, which splits and tags, what is there twice, what leaks between splits', options: [APP], load: () => import('./dataset.js').then((m) => m.show) },
  { words: 'dataset diff', args: '<name> <from> <to>', summary: 'what was added, removed and changed between two versions, by id and field', options: [APP], load: () => import('./dataset.js').then((m) => m.diff) },
  {
    words: 'dataset export', args: '[name[@version]]', summary: 'a version, or the built-in attacks, as a file; hidden cases are left out', load: () => import('./dataset.js').then((m) => m.exportDataset),
    options: [needed('-o, --output <file>', 'where to write it; - is standard output'), option('--app <key>', 'the application, for a dataset'), FORMAT, ...BUILTIN],
  },
  {
    words: 'evaluate', summary: 'evaluate a candidate against what is stable', load: () => import('./evaluate.js').then((m) => m.evaluate),
    options: [APP, ENV, ...CANDIDATE, option('--prompts <glob>', 'push and evaluate each .prompt.yml file that fits; with --changed-since of those alone that have changed'),
      option('--changed-since <ref>', 'push and evaluate each .prompt.yml file that commits since then have changed, by git'), POLICY,
      option('--commit <sha>', 'makes a repeat for the same commit the same evaluation; else the commit that is checked out, for the record alone'), option('--wait', 'until there is a verdict; the exit code says which'),
      option('--report <kind>', 'markdown, junit or json; github adds Markdown to the summary of the step'), option('-o, --output <file>', 'where the report goes; else standard output, and all else to standard error')],
  },
  { words: 'evaluation show', args: '<id>', summary: 'one evaluation: verdict, evaluators, worst cases, slices by tag, what failing cases have in common', options: [option('--evaluator <name>', 'worst cases of this one'), option('--tag <tag>', 'cases with this tag'), option('--rows <n>', 'how many cases; else 10')], load: () => import('./evaluation.js').then((m) => m.show) },
  { words: 'evaluation report', args: '<id>', summary: 'the same as one HTML file: differences word by word, charts; nothing is loaded from elsewhere', options: [needed('-o, --output <file>', 'where the page goes; - is standard output')], load: () => import('./evaluation-report.js').then((m) => m.report) },
  {
    words: 'compare', args: '<candidate...>', summary: 'up to 20 candidates in one table: quality with interval, consistency, cost, latency', load: () => import('./compare.js').then((m) => m.compare),
    options: [option('--app <key>', 'the application, where candidates are named by bundle or prompt version: their latest evaluation counts'), option('--evaluator <name>', 'quality by this one; else by the first guardrail')],
  },
  {
    words: 'judge calibrate', args: '<evaluator>', summary: 'hold a judge against labels of people and against attacks; what it may decide follows', load: () => import('./judge.js').then((m) => m.calibrate),
    options: [APP, needed('--dataset <name>', 'the dataset whose cases people have judged'), option('--spend <usd>', 'no more than this'), option('--wait', 'until it is known; exit 0 is QUALIFIED, 1 ADVISORY')],
  },
  { words: 'judge show', args: '<evaluator>', summary: 'what its newest calibration found', options: [APP], load: () => import('./judge.js').then((m) => m.show) },
  {
    words: 'release start', summary: 'begin to make a candidate stable', load: () => import('./release.js').then((m) => m.start),
    options: [APP, ENV, ...CANDIDATE, POLICY, option('--message <text>', 'why'), option('--watch', 'go on with release watch')],
  },
  { words: 'release forecast', args: '<app> <env>', summary: 'what a release under a policy will take: time, units, bad responses, what it would find, cases', options: [POLICY], load: () => import('./forecast.js').then((m) => m.forecast) },
  { words: 'release list', summary: 'the latest releases', options: [option('--app <key>', 'of this application'), option('--env <name>', 'of this environment'), option('--open', 'open ones only')], load: () => import('./release.js').then((m) => m.list) },
  { words: 'release status', args: '<id>', summary: 'one release: state, stage, evidence, what it waits for', load: () => import('./release.js').then((m) => m.status) },
  { words: 'release watch', args: '<id>', summary: 'the same, live, until it has ended', load: () => import('./release-watch.js').then((m) => m.watch) },
  {
    words: 'release chart', args: '<id>', summary: 'its evidence over time as a picture (SVG): thresholds, stages, the decision', load: () => import('./release-chart.js').then((m) => m.chart),
    options: [needed('-o, --output <file>', 'where the picture goes; - is standard output')],
  },
  { words: 'release approve', args: '<id>', summary: 'approve it, bound to the digests it has now', options: [option('--comment <text>', 'what you looked at')], load: () => import('./release.js').then((m) => m.approve) },
  { words: 'release reject', args: '<id>', summary: 'end it before it has traffic', options: [needed('--reason <text>', 'why')], load: () => import('./release.js').then((m) => m.reject) },
  { words: 'release cancel', args: '<id>', summary: 'end it before it has traffic, without a judgement', options: [needed('--reason <text>', 'why')], load: () => import('./release.js').then((m) => m.cancel) },
  { words: 'release pause', args: '<id>', summary: 'hold it where it is; it is still watched', options: [needed('--reason <text>', 'why')], load: () => import('./release.js').then((m) => m.pause) },
  { words: 'release resume', args: '<id>', summary: 'let it go on', options: [needed('--reason <text>', 'why')], load: () => import('./release.js').then((m) => m.resume) },
  { words: 'release acknowledge', args: '<id>', summary: 'say what caused a hold that does not end by itself', options: [needed('--metric <name>', 'the metric, or SRM'), needed('--cause <text>', 'what it was')], load: () => import('./release.js').then((m) => m.acknowledge) },
  { words: 'release receipts', args: '<id>', summary: 'all that was decided on and what was decided, as lines for gate replay', load: () => import('./release-receipts.js').then((m) => m.receipts) },
  { words: 'release retry', args: '<id>', summary: 'a new release of the same bundle under the same policy, with its own evidence', options: [option('--watch', 'go on with release watch')], load: () => import('./release.js').then((m) => m.retry) },
  {
    words: 'rollback', args: '<app> <env>', summary: 'back to what was stable, with or without an open release; waits until every reader is there', load: () => import('./rollback.js').then((m) => m.rollback),
    options: [option('--reason <text>', 'then it is for cause, and the bundle is quarantined')],
  },
  { words: 'status', args: '[app] [env]', summary: 'what is live, its share, its last verdict, what waits', load: () => import('./status.js').then((m) => m.status) },
  {
    words: 'gate replay', args: '<file>', summary: 'decide again from recorded lines, JSON lines in and out; - is standard input', load: () => import('./gate.js').then((m) => m.replay),
    options: [option('--tolerance <x>', 'how far recorded log e-values may lie apart, for receipts of another engine; else bit for bit')],
  },
  { words: 'audit verify', args: '<app>', summary: 'read the whole audit chain and recompute it', options: [option('--expect <seq:hash>', 'a head that an earlier check printed; the chain has to pass through it')], load: () => import('./audit.js').then((m) => m.verify) },
  {
    words: 'keys create', summary: 'a key for an application or for CI; its secret is shown once', load: () => import('./keys.js').then((m) => m.create),
    options: [APP, needed('--kind <kind>', 'application or ci'), needed('--name <name>', 'what it is for'), option('--env <name>', 'the environment, for an application key'), many('--scope <scope>', 'serve, ingest or feedback; may be given again'), option('--days <n>', 'how long it lives')],
  },
  { words: 'keys session', args: '<person>', summary: 'a session of eight hours for a person, made by an ADMIN; it is shown once', options: [needed('--app <key>', 'the application whose records keep it; the session itself is good wherever the person has a role')], load: () => import('./keys.js').then((m) => m.session) },
  { words: 'keys bootstrap', summary: 'the first ADMIN and their session, once; runs where the API runs, with its environment', load: () => import('./keys.js').then((m) => m.bootstrap) },
  { words: 'keys list', summary: 'the keys of an application, without secrets', options: [APP], load: () => import('./keys.js').then((m) => m.list) },
  { words: 'keys revoke', args: '<id>', summary: 'end a key now', options: [APP, needed('--reason <text>', 'why')], load: () => import('./keys.js').then((m) => m.revoke) },
  { words: 'doctor', summary: 'look at every part and say what to do', load: () => import('./doctor.js').then((m) => m.doctor) },
];
