"""Heston's and Bates' calls by QuantLib: Tests/PricingTests/FourierStripTests.swift.

Needs QuantLib. Forward 1, no rates; columns: v, kappa, theta, xi, rho, lambda, m, delta, days, strike, price.
"""
import QuantLib as ql

today = ql.Date(1, 1, 2026)
ql.Settings.instance().evaluationDate = today
flat = ql.YieldTermStructureHandle(ql.FlatForward(today, 0, ql.Actual365Fixed()))
spot = ql.QuoteHandle(ql.SimpleQuote(1))
for v, kappa, theta, xi, rho, jumps in [
    (0.25, 2.0, 0.36, 1.2, -0.4, None),
    (0.5, 8.0, 0.3, 4.0, 0.1, None),
    (0.2, 3.0, 0.3, 1.0, -0.3, (2.0, -0.06, 0.12)),
    (0.3, 1.0, 0.4, 0.8, -0.6, (12.0, 0.01, 0.05)),
]:
    for days in [3, 30, 180, 400]:
        for strike in [0.7, 0.95, 1.0, 1.1, 1.5]:
            option = ql.VanillaOption(ql.PlainVanillaPayoff(ql.Option.Call, strike), ql.EuropeanExercise(today + days))
            if jumps:
                model = ql.BatesModel(ql.BatesProcess(flat, flat, spot, v, kappa, theta, xi, rho, *jumps))
                option.setPricingEngine(ql.BatesEngine(model, 1e-14, 100000))
            else:
                model = ql.HestonModel(ql.HestonProcess(flat, flat, spot, v, kappa, theta, xi, rho))
                option.setPricingEngine(ql.AnalyticHestonEngine(model, 1e-14, 100000))
            row = [v, kappa, theta, xi, rho, *(jumps or (0.0, 0.0, 0.0)), float(days), strike, option.NPV()]
            print("        [" + ", ".join(repr(x) for x in row) + "],")
