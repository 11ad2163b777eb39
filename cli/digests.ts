import { createHash } from 'node:crypto';
import { canonical } from '../core/canonical.js';
import type { DatasetItem } from '../core/dataset/index.js';

export const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** The digest the API gives to a dataset version of these cases. */
export const datasetDigest = (items: readonly DatasetItem[]): string => `sha256:${sha256(canonical(items))}`;
