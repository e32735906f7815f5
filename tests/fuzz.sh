#!/bin/sh
# Changes good bytes of everything that is parsed, and walks a profile through random changes and faults, for so many
# seconds each. usage: tests/fuzz.sh SECONDS
# A case that fails names its number; VEILBEAT_FUZZ_SEED=NUMBER repeats it first.
set -eu
cd "$(dirname "$0")/.."
VEILBEAT_FUZZ_SECS=${1:?how many seconds for each target?}
export VEILBEAT_FUZZ_SECS
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! cargo test --locked --lib --test it -- fuzz --nocapture --test-threads=1 >"$log" 2>&1; then
    cat "$log"
    exit 1
fi
grep -o 'fuzzed .* cases' "$log" | sort
grep -o 'fuzzed .* cases' "$log" | awk '{ sum += $(NF - 1) } END { print "in all: " sum " cases of " NR " targets" }'
