import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RouteDefinition } from '../../contracts/route.ts';
import type { Role } from '../../core/auth/token-ports.ts';
import { askerOf } from './ask.ts';
import { TABLE } from './filled-call.ts';
import { startForLoops, type ServiceForLoops } from './service-for-loops.ts';

/** Who may call what: the whole matrix, held against rules that are written here by hand and nowhere else. */
const roles = suite('roles on every route');

const EVERYBODY: readonly Role[] = ['patient', 'clinician', 'researcher', 'admin'];

/** The roles that a path is for, by how it begins; the first that fits. A change of the contract has to be made here too. */
const MAY_CALL: readonly (readonly [RegExp, readonly Role[]])[] = [
  [/^\/api\/v1\/admin\//, ['admin']],
  [/^\/api\/v1\/patients(?:\/|$)/, ['clinician']],
  [/^\/api\/v1\/research\//, ['researcher']],
  [/^\/api\/v1\/(?:auth|health-data|healthkit|pat|insights|me|events|webhooks|consents|audit|ws)(?:\/|$)/, EVERYBODY],
  [/^\/(?:api\/v1\/metrics\/)?metrics$|^\/api\/v1\/health\/(?:metrics\/)?pat$/, EVERYBODY],
];

/** What needs no token. Whoever makes something public says so here. */
const PUBLIC = new Set([
  'GET /',
  'GET /health',
  'GET /api/v1',
  'GET /api/v1/health',
  'GET /api/v1/health/detailed',
  'GET /api/v1/health/ready',
  'GET /openapi.json',
  'GET /api/v1/openapi.json',
  'GET /docs',
  'GET /api/v1/docs',
  'GET /api/v1/redoc',
  'GET /problems',
  'GET /problems/{slug}',
  'GET /api/v1/auth/health',
  'POST /api/v1/auth/register',
  'POST /api/v1/auth/login',
  'POST /api/v1/auth/challenge',
  'POST /api/v1/auth/refresh',
  'POST /api/v1/auth/confirm-email',
  'POST /api/v1/auth/resend-confirmation',
  'POST /api/v1/auth/forgot-password',
  'POST /api/v1/auth/reset-password',
  // What opens a socket asks for the token after the handshake: a browser sees close codes only.
  'GET /api/v1/ws/{room_id}',
  'GET /api/v1/ws/health-analysis/{user_id}',
]);

/** Every set of roles, none of them included. */
const SETS: readonly (readonly Role[])[] = Array.from({ length: 2 ** EVERYBODY.length }, (_, bits) =>
  EVERYBODY.filter((_role, i) => (bits & (1 << i)) !== 0),
);

/** Somebody without a role is a patient. */
const rolesOf = (set: readonly Role[]): readonly Role[] => (set.length === 0 ? ['patient'] : set);

const nameOf = ({ method, path }: RouteDefinition): string => `${method} ${path}`;

function mayCall(route: RouteDefinition): readonly Role[] | 'public' {
  if (PUBLIC.has(nameOf(route))) return 'public';
  const rule = MAY_CALL.find(([path]) => path.test(route.path));
  if (rule === undefined) throw new Error(`${nameOf(route)}: nobody has written here whom it is for`);
  return rule[1];
}

let service: ServiceForLoops;
roles.before(async () => {
  service = await startForLoops();
});
roles.after(() => service.close());

roles('what is public is written here, and nothing else is', () => {
  const open = TABLE.filter(([, { auth }]) => auth === 'none').map(([, route]) => nameOf(route));
  assert.equal(open.sort(), [...PUBLIC].sort());
});

roles('every set of roles may call what is written here for one of them, and is refused everything else', async () => {
  const ask = askerOf(service.url);
  const gaps: string[] = [];
  let refused = 0;
  for (const set of SETS) {
    const { accessToken: token } = await service.newCaller(set);
    // What is public does not look at who calls: whoever has no role, and whoever has all, will do.
    const isEnd = set.length === 0 || set.length === EVERYBODY.length;
    const calls = TABLE.filter(([, { auth }]) => auth !== 'none' || isEnd).map(async ([id, route]) => {
      // Without a body and with ids that nobody has: who may call is settled before what for.
      const where = route.path.replaceAll(/\{\w+\}/g, '00000000-0000-4000-8000-000000000000');
      const { status, text } = await ask({ method: route.method, where, token });
      const allowed = mayCall(route);
      const isAllowed = allowed === 'public' || rolesOf(set).some((role) => allowed.includes(role));
      const expected = isAllowed ? null : `This is for ${allowed.join(', ')} only.`;
      const told = status === 403 ? (JSON.parse(text) as { readonly detail: string }).detail : null;
      if (told !== expected || (allowed !== 'public' && status === 401))
        gaps.push(`${id} as ${set.join(' and ') || 'nobody in particular'}: ${String(status)} ${told ?? ''}`);
      if (!isAllowed) refused++;
    });
    await Promise.all(calls);
  }
  assert.equal(gaps, []);
  assert.ok(refused > 50, String(refused));
});

roles.run();
