"""Prices of digital, barrier, lookback, geometric Asian and forward-start options by QuantLib 1.44, rates zero.

Lookback formulas divide by the rate: theirs is the mean of the prices at rates +e and -e, which differ from the limit by e squared.

    python exotics.py    # prints the rows of Tests/PricingTests/ExoticReference.swift
"""
import QuantLib as ql

today = ql.Date(1, 1, 2026)
ql.Settings.instance().evaluationDate = today
count = ql.Actual365Fixed()


def process(spot, volatility, rate=0.0):
    return ql.BlackScholesMertonProcess(
        ql.QuoteHandle(ql.SimpleQuote(spot)),
        ql.YieldTermStructureHandle(ql.FlatForward(today, 0.0, count)),
        ql.YieldTermStructureHandle(ql.FlatForward(today, rate, count)),
        ql.BlackVolTermStructureHandle(ql.BlackConstantVol(today, ql.NullCalendar(), volatility, count)))


def kind(name):
    return ql.Option.Call if name == "call" else ql.Option.Put


def exercise(days):
    return ql.EuropeanExercise(today + days)


def greeks(option):
    return option.NPV(), option.delta(), option.gamma()


print("// kind, strike, spot, days, volatility: price, delta, gamma of one unit of cash")
for name, strike, spot, days, volatility in [("call", 100, 95, 30, 0.2), ("put", 100, 103, 90, 0.6), ("call", 80, 100, 365, 0.4)]:
    option = ql.VanillaOption(ql.CashOrNothingPayoff(kind(name), strike, 1.0), exercise(days))
    option.setPricingEngine(ql.AnalyticEuropeanEngine(process(spot, volatility)))
    print("(.%s, %s, %s, %s, %s, %.12g, %.12g, %.12g)," % (name, strike, spot, days, volatility, *greeks(option)))

print("// kind, strike, barrier, knock, spot, days, volatility: price")
knocks = {"upIn": ql.Barrier.UpIn, "upOut": ql.Barrier.UpOut, "downIn": ql.Barrier.DownIn, "downOut": ql.Barrier.DownOut}
for name in ["call", "put"]:
    for knock, barrier in [("upIn", 110), ("upOut", 110), ("downIn", 92), ("downOut", 92)]:
        for strike in [90, 100, 112]:
            option = ql.BarrierOption(knocks[knock], barrier, 0.0, ql.PlainVanillaPayoff(kind(name), strike), exercise(60))
            option.setPricingEngine(ql.AnalyticBarrierEngine(process(101, 0.35)))
            print("(.%s, %s, %s, .%s, 101, 60, 0.35, %.12g)," % (name, strike, barrier, knock, option.NPV()))

print("// kind, strike or nil, extreme so far, spot, days, volatility: price")
for name, strike, extreme, spot, days, volatility in [
        ("call", None, 95, 101, 60, 0.35), ("put", None, 108, 101, 60, 0.35), ("call", 100, 104, 101, 60, 0.35),
        ("call", 110, 104, 101, 60, 0.35), ("put", 100, 97, 101, 60, 0.35), ("put", 90, 97, 101, 60, 0.35),
        ("call", None, 100, 100, 365, 0.2), ("put", None, 100, 100, 365, 0.2)]:
    def price(rate):
        # The carry is minus the dividend yield here: the discount stays one.
        if strike is None:
            option = ql.ContinuousFloatingLookbackOption(extreme, ql.FloatingTypePayoff(kind(name)), exercise(days))
            option.setPricingEngine(ql.AnalyticContinuousFloatingLookbackEngine(turned(rate)))
        else:
            option = ql.ContinuousFixedLookbackOption(extreme, ql.PlainVanillaPayoff(kind(name), strike), exercise(days))
            option.setPricingEngine(ql.AnalyticContinuousFixedLookbackEngine(turned(rate)))
        return option.NPV()

    def turned(rate):
        return process(spot, volatility, rate)

    e = 1e-4
    print("(.%s, %s, %s, %s, %s, %s, %.9g)," % (
        name, "nil" if strike is None else strike, extreme, spot, days, volatility, (price(e) + price(-e)) / 2))

print("// kind, strike, spot, fixings past, their product's log, fixings in all, days a fixing, volatility: price, delta")
for name, strike, spot, past, fixings, days, volatility in [
        ("call", 100, 100, [], 30, 1, 0.2), ("put", 105, 101, [102.0, 99.0, 103.0], 20, 3, 0.5), ("call", 90, 95, [97.0], 4, 30, 0.8)]:
    product = 1.0
    for fixing in past:
        product *= fixing
    dates = [today + days * (k + 1) for k in range(fixings - len(past))]
    option = ql.DiscreteAveragingAsianOption(
        ql.Average.Geometric, product, len(past), dates, ql.PlainVanillaPayoff(kind(name), strike), ql.EuropeanExercise(dates[-1]))
    option.setPricingEngine(ql.AnalyticDiscreteGeometricAveragePriceAsianEngine(process(spot, volatility)))
    import math
    print("(.%s, %s, %s, %s, %.15g, %s, %s, %s, %.12g, %.12g)," % (
        name, strike, spot, len(past), math.log(product), fixings, days, volatility, option.NPV(), option.delta()))

print("// kind, moneyness, spot, days to the start, days to the end, volatility: price, delta")
for name, moneyness, spot, start, end, volatility in [("call", 1.0, 100, 10, 30, 0.2), ("put", 1.1, 90, 60, 90, 0.6)]:
    option = ql.ForwardVanillaOption(
        moneyness, today + start, ql.PlainVanillaPayoff(kind(name), 0.0), exercise(end))
    option.setPricingEngine(ql.ForwardEuropeanEngine(process(spot, volatility)))
    print("(.%s, %s, %s, %s, %s, %s, %.12g, %.12g)," % (name, moneyness, spot, start, end, volatility, option.NPV(), option.delta()))
