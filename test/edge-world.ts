/** What an edge reads, as object literals, and a way to put a handler on a port: for the tests of serving and ingest. */
import { createHmac, hkdfSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTokens } from '../core/assignment/index.js';
import type { Split } from '../core/assignment/index.js';
import type { Scope } from '../core/access.js';
import type { MetricPlan } from '../core/release/index.js';
import type { ApiKeyDoc, BundleContent, EnvironmentDoc, ReleaseDoc, ServedEnvironment } from '../store/index.js';

export const STABLE = `sha256:${'a'.repeat(64)}`;
export const CANDIDATE = `sha256:${'b'.repeat(64)}`;
export const RELEASE = '01HZXW5T8S9Q2M4N6P7R8V0ABC';
/** A moment in the life of the database. */
export const DATABASE_MS = Date.UTC(2026, 10, 21, 12, 0, 0);

export const hmac = (key: Uint8Array, data: Uint8Array): Uint8Array => createHmac('sha256', key).update(data).digest();
export const hkdf = (key: Uint8Array, info: string): Uint8Array => new Uint8Array(hkdfSync('sha256', key, '', info, 32));
export const tokens = createTokens({ tokenKey: new Uint8Array(32).fill(3), hmac, hkdf });
export const digest = (text: string): string => createHmac('sha256', 'pepper').update(text).digest('hex');

export function bundleContent(bundle: string, text: string, prompts: readonly string[] = ['answer']): BundleContent {
  const once = { key: 'k', args: 'd' };
  const common = { shape: 1 as const, application: 'helpdesk', author: 'person:ann', once, createdAt: new Date(0), intents: [] };
  return {
    digest: bundle, contents: bundle, application: 'helpdesk', authors: [], context: null, guardrails: [], tools: [{ name: 'lookup', schema: { type: 'object' } }], safety: {}, connection: null,
    prompts: prompts.map((prompt) => ({ ...common, _id: `helpdesk/${prompt}/3`, prompt, version: 3, digest: `sha256:${'c'.repeat(64)}`, messages: [{ role: 'system', content: text }, { role: 'user', content: '{{question}}' }], variables: ['question'], message: 'm', source: null })),
    model: { ...common, _id: 'helpdesk/main/1', name: 'main', version: 1, digest: `sha256:${'d'.repeat(64)}`, connection: 'openai', model: 'gpt-5-2026-01-01', floating: false, parameters: { temperature: 0.2 }, safety: {}, priceUsdPerMTok: null },
  };
}

export const split = (over: Partial<Split> = {}): Split => ({ stable: STABLE, candidate: CANDIDATE, weightBp: 5_000, leaseMs: 60_000, release: RELEASE, ...over });
export const withoutCandidate: Split = { stable: STABLE, weightBp: 0, leaseMs: 60_000, release: RELEASE };

export interface Row { rev?: number; epoch?: number; seq?: number; split?: Split | null; recent?: EnvironmentDoc['recent']; leaseLeftMs?: number; nowMs?: number; name?: string }
export function row({ rev = 7, epoch = 2, seq = 1, split: given = split(), recent, leaseLeftMs = 60_000, nowMs = DATABASE_MS, name = 'production' }: Row = {}): ServedEnvironment {
  const doc: EnvironmentDoc = {
    _id: `helpdesk/${name}`, shape: 1, application: 'helpdesk', name, rev, epoch, split: given, previous: null, recent: recent ?? (given === null ? [] : [{ ...given, rev }]),
    lease: { seq, at: new Date(nowMs), ms: given?.leaseMs ?? 60_000 }, open: null, quarantine: [], touchedAt: new Date(nowMs), intents: [],
  };
  return { doc, leaseLeftMs, now: new Date(nowMs) };
}

export function keyDoc(text: string, over: Partial<ApiKeyDoc> & { live?: boolean } = {}): ApiKeyDoc & { readonly live: boolean } {
  const scopes: readonly Scope[] = ['serve', 'ingest', 'feedback'];
  return { _id: 'AAAAAAAA', shape: 1, kind: 'ap', hash: digest(text), name: 'app', application: 'helpdesk', environment: 'production', scopes, once: { key: 'k', args: 'd' }, createdBy: 'person:ann', createdAt: new Date(0), expiresAt: new Date(DATABASE_MS + 86_400_000), revokedAt: null, intents: [], live: true, ...over };
}

export const metric = (over: Partial<MetricPlan> = {}): MetricPlan => ({ name: 'errors', from: 'error', role: 'guardrail', kind: 'rate', maturityMs: 30_000, tolerance: 0, margin: 0.01, share: 1, excessWeight: 0, missingAs: 0, ...over });
export function releaseDoc(metrics: readonly MetricPlan[] = [metric()], over: Partial<ReleaseDoc> & { blockSec?: number } = {}): ReleaseDoc {
  const { blockSec = 10, ...rest } = over;
  const actor = { id: 'person:ann', kind: 'person' as const };
  return {
    _id: RELEASE, shape: 1, kind: 'RELEASE', application: 'helpdesk', environment: 'production', once: { key: 'k', args: 'd' }, state: 'CANARY', open: true, epoch: 2, candidate: CANDIDATE, contents: CANDIDATE, baseline: STABLE,
    requestedBy: actor, message: 'm', tier: 'LIMITED', ownerTeam: 't', authors: [],
    policy: { name: 'p', version: 1, digest: 'sha256:e', plan: {
      name: 'p', tier: 'LIMITED', evaluation: { dataset: 'd', evaluators: [], repetitions: 1, callsMax: 1, ageMaxSec: 1 }, approvals: { count: 0, outsideTeam: 0, expireSec: 1 }, blockSec, leaseMs: 60_000,
      alpha: { harm: 0.01, promote: 0.05 }, errorBudget: 1, stages: [], metrics, bake: { durationMinSec: 1, durationMaxSec: 2, holdbackBp: 100 }, pausedMaxSec: 1, floatingModels: 'allow',
    } }, gate: null, dataset: { name: 'd', version: 1, digest: 'sha256:f', items: 1 }, evaluators: [], evaluation: null, ticket: null, approvals: [], approvalsNeeded: 0, approvalExpiresAt: null,
    stage: { index: 0, weightBp: 5_000, since: new Date(DATABASE_MS), stillMs: 0, stillSince: null }, holds: [], rollback: null, timeline: [], seq: 1, createdAt: new Date(DATABASE_MS - 60_000), terminalAt: null, intents: [], ...rest,
  };
}

/** A token as an edge would mint it at a second of the database. */
export const token = (over: Partial<Parameters<typeof tokens.seal>[0]> = {}): string => tokens.seal({
  rev: 7, assignedAtSec: DATABASE_MS / 1000, bucket: 8_000, arm: 'stable', unit: tokens.unitOf('helpdesk', 'user-1'), application: 'helpdesk', environment: 'production', release: RELEASE, reader: 'edge-1', ...over,
});

/** Puts a handler on a free port. */
export async function listen(handler: (request: IncomingMessage, response: ServerResponse) => boolean): Promise<{ readonly url: string; readonly port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => { if (!handler(request, response)) response.writeHead(404).end(); });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, close: () => new Promise((resolve) => { server.close(() => { resolve(); }); server.closeAllConnections(); }) };
}
