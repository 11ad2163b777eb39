import { test } from 'vitest';
import { furnished, listen, world } from '../test/stand-ins.js';
test('probe', async () => {
  const w = await furnished('helpdesk', world());
  const token = w.session('admin', [{ application: '*', role: 'ADMIN' }]);
  const door = await listen(w);
  for (const q of ['{ me { id } }', '{ __typename }', '{', '{ nope }', '{ application(key: "helpdesk") { key environments { name split { stable } } } }']) {
    const r = await door.post(token, q); console.log(q, r.status, r.text.slice(0, 400));
  }
  console.log(JSON.stringify(w.told, null, 1).slice(0, 3000));
  await door.close();
});
