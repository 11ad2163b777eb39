/**
 * `@slipway/sdk`: the pure parts that an application and the edge must agree on, from the same source. The client with its snapshot,
 * its lease and its OpenFeature provider builds on these.
 */
export { armOf, bucketOf, saltOf, type Arm, type Split } from '../core/assignment/index.js';
export { placeholdersOf, render } from '../core/bundle/index.js';
