// Asks a program beside it whether it is well: exit code 0 for an answer of 200, else 1. For images without a shell.
//   node healthy.mjs http://127.0.0.1:4000/readyz     this door
//   node healthy.mjs                                  /healthz of whichever program runs here
import http from 'node:http';

const LIMIT_MS = 2_500;
const PORTS = [['SLIPWAY_API_PORT', 4000], ['SLIPWAY_EDGE_PORT', 4100], ['SLIPWAY_MODEL_PORT', 4200], ['SLIPWAY_WORKER_PORT', 4300]];

const isWell = (url) => new Promise((resolve) => {
  const request = http.get(url, { agent: false, timeout: LIMIT_MS }, (response) => { response.resume(); resolve(response.statusCode === 200); });
  request.on('timeout', () => { request.destroy(); }).on('error', () => { resolve(false); });
});
const urls = process.argv.length > 2 ? process.argv.slice(2) : PORTS.map(([name, port]) => `http://127.0.0.1:${process.env[name] || port}/healthz`);
process.exit((await Promise.all(urls.map(isWell))).includes(true) ? 0 : 1);
