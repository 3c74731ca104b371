"""Reference values of LinearAlgebraTests, by SciPy (LAPACK through another door). Prints the tables the test holds."""
import numpy as np
from scipy import linalg

a = np.array([[1 / (i + j + 1) + (0.3 * i if i == j else 0) - 0.1 * ((2 * i + 3 * j) % 5) for j in range(4)] for i in range(7)])
b = np.array([[np.sin(1.0 + i), np.cos(0.5 * i)] for i in range(7)])
hilbert = linalg.hilbert(6)
np.set_printoptions(precision=17)
print("least squares", linalg.lstsq(a, b)[0].tolist())
print("residual sums", ((a @ linalg.lstsq(a, b)[0] - b) ** 2).sum(axis=0).tolist())
print("singular values", linalg.svdvals(a).tolist())
print("Hilbert eigenvalues", linalg.eigvalsh(hilbert).tolist())
print("Hilbert condition", np.linalg.cond(hilbert))
print("Hilbert factor", linalg.cholesky(hilbert, lower=True)[5].tolist())
deficient = np.column_stack([a, a[:, 0] + 2 * a[:, 1]])
print("least norm", linalg.lstsq(deficient, b[:, 0])[0].tolist())
