import type { EpochMs } from '../kernel/clock.ts';

/** HMAC with SHA-1 (RFC 2104): 20 octets. */
export type HmacSha1 = (key: Uint8Array, message: Uint8Array) => Uint8Array;

/** What authenticator apps take without being told otherwise (RFC 6238 section 4). */
export const TOTP_STEP_MS = 30_000;
export const TOTP_DIGITS = 6;
/** Octets of a secret: as long as the hash (RFC 4226 section 4, R6). */
export const TOTP_SECRET_OCTETS = 20;
/** How many steps the clocks of an app and of this service may be apart (RFC 6238 section 5.2). */
export const TOTP_SKEW_STEPS = 1;

/** The time step that an instant lies in, with T0 = 0 (RFC 6238 section 4.2). */
export const stepAt = (nowMs: EpochMs): number => Math.floor(nowMs / TOTP_STEP_MS);

/** The code of a time step: HOTP with the step as counter, truncated dynamically (RFC 4226 section 5.3). */
export function codeAt(hmac: HmacSha1, secret: Uint8Array, step: number, digits: number = TOTP_DIGITS): string {
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(step));
  const mac = hmac(secret, new Uint8Array(counter.buffer));
  const view = new DataView(mac.buffer, mac.byteOffset, mac.byteLength);
  const offset = view.getUint8(mac.length - 1) & 0x0f;
  const truncated = view.getUint32(offset) & 0x7fffffff;
  return String(truncated % 10 ** digits).padStart(digits, '0');
}

/** The steps whose codes are taken at an instant: the one that it lies in first. */
export function stepsTakenAt(nowMs: EpochMs): readonly number[] {
  const step = stepAt(nowMs);
  const skewed = Array.from({ length: TOTP_SKEW_STEPS }, (_, i) => [step - i - 1, step + i + 1]).flat();
  return [step, ...skewed].filter((taken) => taken >= 0);
}

/** What a QR code for an authenticator app says, in the form that all of them read. */
export function otpauthUri(account: {
  readonly issuer: string;
  readonly name: string;
  readonly secret: string;
}): string {
  const { issuer, name, secret } = account;
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(name)}`;
  const algorithm = `algorithm=SHA1&digits=${TOTP_DIGITS}&period=${TOTP_STEP_MS / 1000}`;
  return `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(issuer)}&${algorithm}`;
}
