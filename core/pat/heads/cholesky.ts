/**
 * Solves A x = b for a symmetric positive definite A by Cholesky's factorisation. `matrix` is row-major, of which only
 * the lower triangle is read; it is overwritten by the factor, and `vector` by the solution. False, with both spoilt,
 * when A is not positive definite to working precision.
 */
export function solveCholesky(matrix: Float64Array, vector: Float64Array): boolean {
  const size = vector.length;
  for (let i = 0; i < size; i++) {
    const row = i * size;
    for (let j = 0; j <= i; j++) {
      const other = j * size;
      let rest = matrix[row + j]!;
      for (let k = 0; k < j; k++) rest -= matrix[row + k]! * matrix[other + k]!;
      if (j < i) matrix[row + j] = rest / matrix[other + j]!;
      else if (rest > 0) matrix[row + j] = Math.sqrt(rest);
      else return false;
    }
  }
  for (let i = 0; i < size; i++) {
    let rest = vector[i]!;
    for (let k = 0; k < i; k++) rest -= matrix[i * size + k]! * vector[k]!;
    vector[i] = rest / matrix[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    let rest = vector[i]!;
    for (let k = i + 1; k < size; k++) rest -= matrix[k * size + i]! * vector[k]!;
    vector[i] = rest / matrix[i * size + i]!;
  }
  return true;
}
