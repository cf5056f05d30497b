export function sent(address: string): void {
  console.error(address); // planted
  process.stderr.write(address); // planted
}
