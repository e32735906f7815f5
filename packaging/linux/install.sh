#!/bin/sh
# Puts Veilbeat into your menu: the program, its icon, its entry, and .veil files that open in it.
# Everything goes below ~/.local (or the folder that PREFIX names); `install.sh --remove` takes it out
# again. Key and readings are not touched by either.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# From an archive everything lies beside this script; from a checkout it does not.
if [ -f "$here/icon.svg" ]; then
    icon=$here/icon.svg built=$here/veilbeat
else
    root=$(cd "$here/../.." && pwd)
    icon=$root/assets/icon.svg built=$root/target/release/veilbeat
fi
prefix=${PREFIX:-$HOME/.local}
share=$prefix/share

update() {
    # Desktops without these tools find the files when they start.
    update-mime-database "$share/mime" 2>/dev/null || true
    update-desktop-database "$share/applications" 2>/dev/null || true
}

if [ "${1:-}" = --remove ]; then
    rm -f "$prefix/bin/veilbeat" "$share/applications/veilbeat.desktop" "$share/mime/packages/veilbeat.xml" \
        "$share/icons/hicolor/scalable/apps/veilbeat.svg"
    update
    echo "removed Veilbeat from $prefix; your key and readings are where they were"
    exit 0
fi

program=${1:-$built}
if [ ! -x "$program" ]; then
    echo "there is no program at $program yet; build it with: cargo build --release" >&2
    exit 1
fi
install -Dm755 "$program" "$prefix/bin/veilbeat"
install -Dm644 "$here/veilbeat-mime.xml" "$share/mime/packages/veilbeat.xml"
install -Dm644 "$icon" "$share/icons/hicolor/scalable/apps/veilbeat.svg"
# The menu may not know ~/.local/bin.
mkdir -p "$share/applications"
sed "s|^Exec=veilbeat|Exec=\"$prefix/bin/veilbeat\"|" "$here/veilbeat.desktop" >"$share/applications/veilbeat.desktop"
update
echo "installed Veilbeat below $prefix"
