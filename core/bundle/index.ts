/** The door of the bundle: what it pins, under which digest, and how a prompt is filled in. */
export { bundleDigest, bundleForm, contentsDigest, contextDigest, guardrailDigest, modelDigest, promptDigest } from './digest.js';
export type { NamedPin, Parts, Pin, ToolPart } from './digest.js';
export { TemplateError, placeholdersOf, render } from './template.js';
