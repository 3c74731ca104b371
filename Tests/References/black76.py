"""Black-76 prices and Greeks by QuantLib's BlackCalculator: the table in Tests/PricingTests/Black76Tests.swift.

Zero discount. QuantLib has no vanna, volga, charm, speed and zomma: those are checked against differences in the test.
"""
import math

import QuantLib as ql

for kind, name in ((ql.Option.Call, ".call"), (ql.Option.Put, ".put")):
    for forward, strike, volatility, time in (
        (100.0, 100.0, 0.2, 30 / 365),
        (91250.4, 100000.0, 0.612, 0.12),
        (3071.2, 2500.0, 0.489, 0.35),
        (65000.0, 140000.0, 1.1, 0.02),
        (1.0, 0.6, 0.05, 2.0),
    ):
        c = ql.BlackCalculator(ql.PlainVanillaPayoff(kind, strike), forward, volatility * math.sqrt(time), 1.0)
        print(
            f"    ({name}, {forward}, {strike}, {volatility}, {time!r}, {c.value():.15g}, {c.deltaForward():.15g},"
            f" {c.gammaForward():.15g}, {c.vega(time):.15g}),"
        )
