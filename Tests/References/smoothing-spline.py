"""Values of a cubic smoothing spline by SciPy, for SmoothingSplineTests.

    python3 -m venv .venv-references && .venv-references/bin/pip install scipy && .venv-references/bin/python Tests/References/smoothing-spline.py
"""

import numpy
import scipy
from scipy.interpolate import make_smoothing_spline

x = numpy.array([-0.6, -0.45, -0.2, -0.1, 0.0, 0.05, 0.2, 0.35, 0.6])
y = numpy.array([0.031, 0.012, -0.004, 0.003, 0.001, -0.002, 0.006, 0.004, 0.022])
w = numpy.array([1.0, 2.0, 4.0, 8.0, 10.0, 8.0, 5.0, 2.0, 1.0])
for lam in [1e-4, 1e-2]:
    spline = make_smoothing_spline(x, y, w, lam=lam)
    print(f"// SciPy {scipy.__version__}, λ = {lam}: s and s″ at the points")
    print([float(f"{v:.13g}") for v in spline(x)])
    print([float(f"{v:.10g}") for v in spline.derivative(2)(x)])
