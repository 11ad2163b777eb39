import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { nameOf } from './tracing.js';

describe('R-811 one trace goes on over the walls of a process, and without an exporter nothing is recorded', () => {
  test.each([
    ['mutation Whatever { startRelease(input: {}) { id } }', 'mutation startRelease'],
    ['{ alias: release(id: "1") { id } }', 'query release'],
    ['fragment F on Query { me { id } } query { ...F }', 'query fragment'],
  ])('%s', (document, name) => { expect(nameOf(parse(document))).toBe(name); });
});
