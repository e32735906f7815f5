#!/usr/bin/env python3
"""Writes sample.csv: a month of made-up readings. Nobody's heart was measured.

A reading every 5 minutes and every minute while exercising; slow nights, runs three times a week,
an evening out, and gaps: the watch charges, and is left at home for a weekend.
"""
import math
import random
from datetime import datetime, timedelta

rng = random.Random(20260901)
start = datetime(2026, 9, 1)
runs = {(day, 18 if day % 7 else 10) for day in range(30) if day % 7 in (1, 3, 6)}


def rate(day, hour, exercise):
    night = math.exp(-((((hour + 21) % 24) - 0.5 - 0) ** 2) / 18) if hour < 7 or hour >= 23 else 0
    base = 68 - 14 * night - day * 0.08 + 5 * math.sin((hour - 9) / 24 * 2 * math.pi)
    if exercise is not None:
        base = 92 + 62 * min(1, exercise / 9) + 9 * math.sin(exercise / 4)
    return base


with open("sample.csv", "w") as out:
    out.write("timestamp,beats per minute,data source\n")
    drift = 0.0
    t = start
    while t < start + timedelta(days=30):
        day, hour = (t - start).days, t.hour + t.minute / 60
        running = next((s for d, s in runs if d == day and s <= hour < s + 0.75), None)
        exercise = (hour - running) * 60 if running is not None else None
        after = next((hour - s - 0.75 for d, s in runs if d == day and s + 0.75 <= hour < s + 1.5), None)
        charging = 20.5 <= hour < 21.25 and day % 2 == 0
        away = day in (18, 19) and (day, hour) >= (18, 9)
        drift = 0.9 * drift + rng.gauss(0, 1.6)
        if not charging and not away and rng.random() > 0.015:
            value = rate(day, hour, exercise) + drift
            if after is not None:
                value += 34 * math.exp(-after * 5)
            out.write(f"{t:%Y-%m-%d %H:%M:%S},{max(44, value):.0f},synthetic\n")
        t += timedelta(minutes=1 if exercise is not None else 5)
