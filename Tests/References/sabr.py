"""Black volatilities of Hagan's SABR formula by QuantLib, as rows for SABRReference.swift; needs QuantLib."""
import QuantLib as ql

print("// Written by Tests/References/sabr.py: forward, strike, years, alpha, beta, nu, rho, implied volatility.")
print("enum SABRReference {\n    static let rows: [[Double]] = [")
for F, a, b, n, r in [(10, 0.3, 1, 0.3, -0.7), (10, 0.95, 0.5, 0.4, -0.3), (100, 20, 0, 0.5, 0.2), (1, 0.2, 0.7, 1.0, 0)]:
    for k in (0.7, 0.9, 1, 1.2):
        for T in (0.1, 1):
            print(f"        [{F}, {F * k!r}, {T}, {a}, {b}, {n}, {r}, {ql.sabrVolatility(F * k, F, T, a, b, n, r)!r}],")
print("    ]\n}")
