import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SocketClient } from '../integration/sockets/socket-client.ts';
import { absentLike } from './possessions.ts';
import { startForLoops, type ServiceForLoops } from './service-for-loops.ts';
import { keysAreTheirOwners, strangersReadNothing } from './strangers.ts';
import { foreignReadsAsAbsent, twoUsers, type TwoUsers } from './two-users.ts';

/** What one person learns of another, on every route of the contract. */
const two = suite('two users on every route');

let service: ServiceForLoops;
let users: TwoUsers;

two.before(async () => {
  service = await startForLoops();
  users = await twoUsers(service);
});

two.after(() => service.close());

// Before the others name the owner's ids in what they send themselves.
two('nobody reads anything of somebody else, whoever they are and whoever they claim to be', async () => {
  assert.ok((await strangersReadNothing(users)) > 200);
});

two('what belongs to somebody else reads byte for byte as what nobody has', async () => {
  const { routes, pairs } = await foreignReadsAsAbsent(users);
  assert.ok(routes > 20 && pairs > routes, `${String(routes)} routes, ${String(pairs)} pairs`);
});

two('a call that somebody else has made under a key is not answered for them', async () => {
  assert.ok((await keysAreTheirOwners(users)) > 5);
});

two('a socket for the analyses of somebody else ends as one for nobody’s', async () => {
  const ended = async (user: string) => {
    const { accessToken } = users.others.patient;
    const at = `${service.url.replace('http', 'ws')}/api/v1/ws/health-analysis/${user}?token=${accessToken}`;
    return new SocketClient(at).ended;
  };
  const foreign = await ended(users.owner.userId);
  assert.equal(foreign, await ended(absentLike(users.owner.userId)));
  assert.is(foreign.code, 4003);
});

two.run();
