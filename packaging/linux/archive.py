#!/usr/bin/env python3
"""Builds `target/veilbeat-VERSION-linux-ARCH.tar.gz`: the program, its icon, menu entry, MIME type,
installer, README, licence, and the licences of everything in it. Run it from anywhere:

    packaging/linux/archive.py
"""
import json
import pathlib
import platform
import subprocess
import tarfile

root = pathlib.Path(__file__).resolve().parent.parent.parent
run = lambda *command: subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
triple = next(line.split()[1] for line in run("rustc", "-vV").splitlines() if line.startswith("host:"))
metadata = json.loads(run("cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", triple))
version = next(p["version"] for p in metadata["packages"] if p["name"] == "veilbeat")
subprocess.run(["cargo", "build", "--release", "--locked"], cwd=root, check=True)

# What is in the program: everything but what only builds or tests it.
tree = run("cargo", "tree", "--locked", "-e", "normal", "--prefix", "none", "--format", "{p}", "--target", triple)
linked = {tuple(line.split()[:2]) for line in tree.splitlines() if line.strip()}
notices = ["Veilbeat contains the following. Each part is under the licence named beside it.\n"]
for package in sorted(metadata["packages"], key=lambda package: package["name"]):
    if package["name"] == "veilbeat" or (package["name"], "v" + package["version"]) not in linked:
        continue
    notices.append("=" * 100)
    notices.append(f"{package['name']} {package['version']}: {package['license'] or 'see below'}")
    notices.append(f"{package['repository'] or ''}\n")
    folder = pathlib.Path(package["manifest_path"]).parent
    for file in sorted(folder.iterdir()):
        if file.is_file() and file.name.upper().startswith(("LICENSE", "LICENCE", "COPYING", "NOTICE", "OFL")):
            notices += [f"--- {file.name}", file.read_text(errors="replace").strip(), ""]
for file in [*sorted((root / "assets" / "licences").iterdir()), root / "assets" / "fonts" / "LICENSE.txt"]:
    notices += ["=" * 100, f"--- {file.name}", file.read_text(errors="replace").strip(), ""]
third_party = root / "target" / "THIRD-PARTY.txt"
third_party.write_text("\n".join(notices))

name = f"veilbeat-{version}-linux-{platform.machine()}"
archive = root / "target" / f"{name}.tar.gz"
files = {
    "veilbeat": root / "target" / "release" / "veilbeat",
    "install.sh": root / "packaging" / "linux" / "install.sh",
    "veilbeat.desktop": root / "packaging" / "linux" / "veilbeat.desktop",
    "veilbeat-mime.xml": root / "packaging" / "linux" / "veilbeat-mime.xml",
    "icon.svg": root / "assets" / "icon.svg",
    "README.md": root / "README.md",
    "LICENSE": root / "LICENSE",
    "THIRD-PARTY.txt": third_party,
}
def of_root(info):
    """Whoever unpacks it, nobody's account of the machine that built it."""
    info.uid = info.gid = 0
    info.uname = info.gname = "root"
    return info


with tarfile.open(archive, "w:gz") as out:
    for inside, file in files.items():
        out.add(file, f"{name}/{inside}", filter=of_root)
print(f"wrote {archive.relative_to(root)}, {archive.stat().st_size / 1e6:.1f} MB, with the licences of {len(linked) - 1} crates")
