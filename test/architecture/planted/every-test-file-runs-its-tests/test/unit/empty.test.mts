// planted: a test file without a test
export const expected = 1;
