"""Reference values of SampleStatisticsTests, by NumPy and SciPy."""
import numpy as np
from scipy import stats

x = np.array([3.1, -2.0, 0.5, 0.5, 7.25, 1.0, -0.3])
y = np.array([2.0, -1.0, 0.75, 0.0, 5.0, 2.5, -0.9])
print("mean, variance", x.mean(), x.var(ddof=1))
print("skewness, excess kurtosis", stats.skew(x), stats.kurtosis(x))
print("quantiles", np.quantile(x, [0, 0.05, 0.5, 0.77, 1]).tolist())
print("paired", stats.ttest_rel(x, y))
for t, n in [(0.5, 1), (2.0, 3), (1.96, 1000), (12.0, 7), (0.001, 30)]:
    print("tail", t, n, stats.t.sf(t, n))
