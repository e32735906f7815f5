#!/usr/bin/env python3
"""Reads tables of heart rates with Veilbeat and with polars, in turn, on all cores, and prints the minimum of four.

    python3 -m venv venv && venv/bin/pip install -r benches/peers/requirements.txt
    cargo build --release && venv/bin/python benches/peers/polars_peer.py

Veilbeat is the whole program: it starts, recognises the table, checks every line, resolves times in a zone, removes
duplicates and prints a summary. polars is inside a running interpreter: `read_csv` with `try_parse_dates`, and
`read_csv` with the format of the times spelt out.
"""
import datetime
import pathlib
import subprocess
import tempfile
import time

import polars

root = pathlib.Path(__file__).parent.parent.parent
program = root / "target" / "release" / "veilbeat"


def rows(count, step):
    at = datetime.datetime(2015, 1, 1)
    for row in range(count):
        yield at, 50 + row % 90
        at += datetime.timedelta(seconds=step)


def write(path, header, line, count, step, end="\n"):
    with open(path, "w", newline="") as file:
        file.write(header + end)
        file.writelines(line(at, rate) + end for at, rate in rows(count, step))


def best(work):
    times = []
    for _ in range(4):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


iso = lambda at, rate: f"{at:%Y-%m-%dT%H:%M:%S}+01:00,{rate}"
fitbit = lambda at, rate: f"{at:%Y-%m-%dT%H:%M:%S}Z,{rate}.0"
fitabase = lambda at, rate: f"2022484408,{at:%-m/%-d/%Y %-I:%M:%S %p},{rate}"
cases = [
    ("ISO, zone", "timestamp,heart_rate", iso, 526_014, 600, "timestamp", "%Y-%m-%dT%H:%M:%S%z"),
    ("ISO, zone", "timestamp,heart_rate", iso, 2_047_664, 150, "timestamp", "%Y-%m-%dT%H:%M:%S%z"),
    ("Fitbit", "timestamp,beats per minute", fitbit, 2_047_664, 150, "timestamp", "%Y-%m-%dT%H:%M:%S%#z"),
    ("Fitbit, no zone", "timestamp,beats per minute", fitbit, 2_047_664, 150, "timestamp", "%Y-%m-%dT%H:%M:%SZ"),
    ("Fitabase", "Id,Time,Value", fitabase, 2_047_664, 150, "Time", "%m/%d/%Y %I:%M:%S %p"),
]
print(f"{'table':16} {'rows':>10} {'Veilbeat':>9} {'dates found':>12} {'spelt out':>10}   ratio to spelt out")
with tempfile.TemporaryDirectory() as folder:
    for name, header, line, count, step, column, form in cases:
        path = pathlib.Path(folder) / "table.csv"
        write(path, header, line, count, step)
        command = [program, "import", path, "--dry-run", "--timezone", "Europe/Berlin"]
        ours = best(lambda: subprocess.run(command, check=True, capture_output=True))
        found = best(lambda: polars.read_csv(path, try_parse_dates=True))
        parse = polars.col(column).str.to_datetime(form)
        spelt = best(lambda: polars.read_csv(path).with_columns(parse))
        print(f"{name:16} {count:>10,} {ours:>8.3f}s {found:>11.3f}s {spelt:>9.3f}s   {ours / spelt:.2f}")
