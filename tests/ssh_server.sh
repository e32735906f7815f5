#!/usr/bin/env bash
# The server beyond a real sshd on the loopback address: the same figures, sent once, and a refusal that is quoted.
# Where no sshd is installed, it says so and ends with 77. SSHD names another one than the one in PATH.
set -euo pipefail
cd "$(dirname "$0")/.."
program=${VEILBEAT:-$PWD/target/debug/veilbeat}
sshd=${SSHD:-$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v sshd || true)}
if [ -z "$sshd" ] || ! command -v ssh > /dev/null; then
    echo "no sshd or no ssh here: the server beyond ssh was not tested" >&2
    exit 77
fi
dir=$(mktemp -d)
port=$((20000 + RANDOM % 20000))
cleanup() {
    [ -f "$dir/pid" ] && kill "$(cat "$dir/pid")"
    rm -rf "$dir"
}
trap cleanup EXIT
ssh-keygen -q -t ed25519 -N '' -f "$dir/host"
ssh-keygen -q -t ed25519 -N '' -f "$dir/user"
cp "$dir/user.pub" "$dir/authorized"
chmod 600 "$dir/authorized"
[ "$(id -u)" = 0 ] && mkdir -p /run/sshd
"$sshd" -f /dev/null -p "$port" -h "$dir/host" -E "$dir/log" \
    -o ListenAddress=127.0.0.1 -o AuthorizedKeysFile="$dir/authorized" -o PidFile="$dir/pid" -o StrictModes=no \
    -o UsePAM=no -o PasswordAuthentication=no -o PermitRootLogin=prohibit-password
for _ in $(seq 50); do [ -f "$dir/pid" ] && break; sleep 0.1; done
ssh="ssh -T -p $port -i $dir/user -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=$dir/known"
veilbeat=("$program" --home "$dir/home")
"${veilbeat[@]}" import assets/sample.csv --timezone UTC > /dev/null 2>&1
"${veilbeat[@]}" stats --by week > "$dir/here" 2> /dev/null
for round in 1 2; do
    "${veilbeat[@]}" stats --by week --check --server "$ssh 127.0.0.1 $program serve --store $dir/store" \
        > "$dir/there" 2> "$dir/said" || { cat "$dir/said" "$dir/log" >&2; exit 1; }
    cmp "$dir/here" "$dir/there"
    grep 'had .* sheets already' "$dir/said"
done
grep -q 'had 0 sheets' "$dir/said" && { echo "the second time nothing was there" >&2; exit 1; }
# Refused, and quoted.
if "${veilbeat[@]}" stats --server "$ssh nobody@127.0.0.1 $program serve" 2> "$dir/said"; then exit 1; fi
grep 'Permission denied' "$dir/said"
echo "the server beyond ssh answers, keeps its sheets, and its refusal is quoted"
