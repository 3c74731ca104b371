"""Heston prices by QuantLib's AnalyticHestonEngine: the table in Tests/PricingTests/HestonModelTests.swift.

Zero rates, so that the spot is the forward. Times are whole days of 365.
"""
import QuantLib as ql

today = ql.Date(1, 1, 2026)
ql.Settings.instance().evaluationDate = today
count = ql.Actual365Fixed()
zero = ql.YieldTermStructureHandle(ql.FlatForward(today, 0.0, count))
spot = ql.QuoteHandle(ql.SimpleQuote(100.0))
# v0, kappa, theta, xi, rho
sets = [
    (0.04, 1.0, 0.04, 2.0, -0.7),
    (0.04, 5.0, 0.04, 0.3, -0.6),
    (0.36, 2.5, 0.50, 1.2, -0.2),
    (0.01, 0.5, 0.09, 0.8, 0.3),
    (0.09, 10.0, 0.04, 0.1, 0.0),
]
for v0, kappa, theta, xi, rho in sets:
    engine = ql.AnalyticHestonEngine(ql.HestonModel(ql.HestonProcess(zero, zero, spot, v0, kappa, theta, xi, rho)), 1e-11, 2000000)
    for days in (7, 30, 365):
        exercise = ql.EuropeanExercise(today + days)
        for strike in (70.0, 95.0, 100.0, 101.0, 140.0):
            option = ql.VanillaOption(ql.PlainVanillaPayoff(ql.Option.Call, strike), exercise)
            option.setPricingEngine(engine)
            print(f"    ({v0}, {kappa}, {theta}, {xi}, {rho}, {days}, {strike}, {option.NPV():.12g}),")
