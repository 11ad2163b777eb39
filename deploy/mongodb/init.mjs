// Run by mongosh in the network of the first member, at every start. Makes the replica set and its two users, or finds them there.
// From 127.0.0.1 MongoDB lets a first user be made without signing in; afterwards nobody gets in without a password.
/* global Mongo, quit, sleep, print */
const { MONGODB_ROOT_PASSWORD: rootPassword, MONGODB_PASSWORD: password } = process.env;
const MEMBERS = ['mongodb-1:27017', 'mongodb-2:27017', 'mongodb-3:27017'];
const WAIT_MS = 120_000;
const here = new Mongo('mongodb://127.0.0.1:27017/?directConnection=true').getDB('admin');
const members = (user) => new Mongo(`mongodb://${user}${MEMBERS.join(',')}/admin?replicaSet=slipway`).getDB('admin');

function until(what, ask) {
  for (const end = Date.now() + WAIT_MS; ; sleep(500)) {
    let last = '';
    try { if (ask()) return; } catch (error) { last = `: ${error.message}`; }
    if (Date.now() > end) { print(`waited for ${what}${last}`); quit(1); }
  }
}

until('this member', () => here.hello().ok === 1);
if (here.hello().setName === undefined) {
  // The first is preferred: only here may the first user be made.
  const set = { _id: 'slipway', members: MEMBERS.map((host, i) => ({ _id: i, host, priority: i === 0 ? 2 : 1 })) };
  until('the replica set', () => here.runCommand({ replSetInitiate: set }).ok === 1);
}
until('a primary', () => (here.hello().primary ?? '') !== '');

const signIn = () => members(`root:${rootPassword}@`);
try { signIn().runCommand({ ping: 1 }); } catch {
  until('this member to be the primary', () => here.hello().isWritablePrimary);
  until('the first user', () => here.runCommand({ createUser: 'root', pwd: rootPassword, roles: ['root'] }).ok === 1);
}
const slipway = signIn().getSiblingDB('slipway');
const user = { pwd: password, roles: [{ role: 'readWrite', db: 'slipway' }] };
const isThere = slipway.runCommand({ usersInfo: 'slipway' }).users.length > 0;
slipway.runCommand({ [isThere ? 'updateUser' : 'createUser']: 'slipway', ...user, writeConcern: { w: 'majority' } });
print('The replica set and its users are there.');
