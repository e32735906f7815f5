#!/usr/bin/env python3
"""Runs Veilbeat and what people would pick instead in turn, one thread each, and prints a table with
the ratios to Veilbeat.

    python3 -m venv venv && venv/bin/pip install -r benches/peers/requirements.txt
    venv/bin/python benches/peers/run.py
"""
import json
import os
import pathlib
import subprocess
import sys

here = pathlib.Path(__file__).parent
root = here.parent.parent
one_thread = {**os.environ, "OMP_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1", "TENSEAL_NUM_THREADS": "1"}
sides = [
    ["cargo", "bench", "--quiet", "--locked", "--bench", "ours"],
    ["cargo", "run", "--quiet", "--release", "--manifest-path", str(here / "fhe" / "Cargo.toml")],
    [sys.executable, str(here / "tenseal_peer.py")],
]
rows = []
for side in sides:
    output = subprocess.run(side, cwd=root, env=one_thread, check=True, capture_output=True, text=True).stdout
    rows += [json.loads(line) for line in output.splitlines() if line.startswith("{")]

ours = {row["readings"]: row for row in rows if row["peer"] == "Veilbeat"}
columns = ["keygen_ms", "public_bytes", "encrypt_ms", "upload_bytes", "server_ms", "answer_bytes", "decrypt_ms"]
print(f"{'peer':17} {'readings':>9} " + " ".join(f"{name:>22}" for name in columns) + f" {'error_bpm':>10}")
for row in sorted(rows, key=lambda row: row["readings"]):
    cells = []
    for name in columns:
        base = ours[row["readings"]][name]
        ratio = f" ({row[name] / base:,.1f}×)" if base and row["peer"] != "Veilbeat" else ""
        value = f"{row[name]:,}" if name.endswith("bytes") else f"{row[name]:,.3f}"
        cells.append(f"{value + ratio:>22}")
    print(f"{row['peer']:17} {row['readings']:>9,} " + " ".join(cells) + f" {row['error_bpm']:>10.1e}")
