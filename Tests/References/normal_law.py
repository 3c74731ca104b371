"""The tables of Tests/ProbabilityTests/NormalLawReference.swift, by SciPy. Prints the file."""
from scipy.stats import norm

places = [1e-300, 1e-100, 1e-20, 1e-10, 1e-5, 0.001, 0.02, 0.0749, 0.0751, 0.3, 0.5000001, 0.7, 0.92, 0.95, 0.975, 0.999, 0.9999999]
print("/// (p, N⁻¹(p)) by SciPy: Tests/References/normal_law.py.")
print("let quantileReference: [(Double, Double)] = [")
for p in places:
    print(f"    ({p!r}, {float(norm.ppf(p))!r}),")
print("]\n")
print("/// (x, N(x)) by SciPy: Tests/References/normal_law.py.")
print("let lawReference: [(Double, Double)] = [")
for x in [-37, -20, -8.5, -3, -1, -0.1, 0, 0.5, 1.96, 4]:
    print(f"    ({x!r}, {float(norm.cdf(x))!r}),")
print("]")
