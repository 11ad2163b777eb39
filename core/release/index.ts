export * from './states.js';
export * from './plan.js';
