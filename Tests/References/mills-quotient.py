"""Quotients of polynomials for Mills' ratio R(z) = N(-z)/phi(z): Sources/VectorKernels/VectorFormulas+Double.swift.

Needs mpmath; a minute. R(z) ~ P_n(z)/Q_{n+1}(z) for z >= -0.8, relative error made level by linear least squares with the last denominator
as weight (Sanathanan-Koerner) and Lawson's weights. The fine one is printed in powers of y = z + 3/4, where every coefficient is positive,
with N = Q - zP, so that 1 - zR = N/Q.
"""
import mpmath as mp

mp.mp.dps = 60
low, shift = mp.mpf("-0.8"), mp.mpf(3) / 4


def ratio(z):
    if z < 60:
        return mp.sqrt(mp.pi / 2) * mp.exp(z * z / 2) * mp.erfc(z / mp.sqrt(2))
    return mp.quad(lambda u: mp.exp(-z * u - u * u / 2), [0, 1 / z, 5 / z, 20 / z, 100 / z])


def quotient(n, rounds=12):
    count = 8 * n + 20
    nodes = [mp.cos(mp.pi * (j + mp.mpf(1) / 2) / count) for j in range(count)]
    z = [low + 4 * (1 + t) / (1 - t) for t in nodes]
    f = [ratio(x) for x in z]
    powers = [[x**i / (x + 5) ** (n + 1) for i in range(n + 2)] for x in z]
    weight, lawson, best = [mp.mpf(1)] * count, [mp.mpf(1)] * count, None
    for turn in range(rounds):
        a, b = mp.matrix(count, 2 * n + 2), mp.matrix(count, 1)
        for r in range(count):
            s = mp.sqrt(lawson[r]) * weight[r] / f[r]
            for i in range(n + 1):
                a[r, i], a[r, n + 1 + i] = powers[r][i] * s, -f[r] * powers[r][i] * s
            b[r] = f[r] * powers[r][n + 1] * s
        x = mp.qr_solve(a, b)[0]
        p, q = [x[i] for i in range(n + 1)], [x[n + 1 + i] for i in range(n + 1)] + [mp.mpf(1)]
        below = [mp.fdot(q, row) for row in powers]
        error = [abs(mp.fdot(p, row[:-1]) / d / y - 1) for row, d, y in zip(powers, below, f)]
        weight, worst = [1 / abs(d) for d in below], max(error)
        if best is None or worst < best[0]:
            best = (worst, p, q)
        if turn > 3:
            lawson = [w * (e / worst + mp.mpf("0.02")) for w, e in zip(lawson, error)]
            mean = sum(lawson) / count
            lawson = [w / mean for w in lawson]
    return best


def shifted(c):
    return [sum(c[k] * mp.binomial(k, j) * (-shift) ** (k - j) for k in range(j, len(c))) for j in range(len(c))]


worst, p, q = quotient(5)
print("rough, error", mp.nstr(worst, 3), [float(c) for c in p], [float(c) for c in q], sep="\n")
worst, p, q = quotient(11)
p, q = shifted(p), shifted(q)
rest = [b - (p[j - 1] if j else 0) + shift * (p[j] if j < len(p) else 0) for j, b in enumerate(q)]
print("fine, error", mp.nstr(worst, 3), [float(c) for c in p], [float(c) for c in q], [float(c) for c in rest], sep="\n")
