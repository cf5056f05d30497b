/** What is wrong with a file and where, as one sentence without its full stop: `The file is empty (byte 0)`. */
export const faultAndPlace = (fault: { readonly message: string; readonly place: string }): string =>
  `${fault.message.replace(/\.$/, '')} (${fault.place})`;
