#!/usr/bin/env bash
# Unpacks packages of a suite of Debian (trixie, bookworm …) into a folder, without installing anything on the system:
#   unpack-debian.sh <folder> <suite> <package>...
set -euo pipefail
dest=$1 suite=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$dest" "$work"/{lists/partial,cache/archives/partial,etc}
touch "$work/status"

mirror() {
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -1
}
uri=$(mirror || true)
if [ -z "$uri" ]; then
  apt-get -qq update
  uri=$(mirror)
fi
options=(-o Dir::Etc="$work/etc" -o Dir::Etc::sourcelist="$work/etc/s.list" -o Dir::Etc::sourceparts=-
  -o Dir::State="$work" -o Dir::State::lists="$work/lists" -o Dir::State::status="$work/status"
  -o Dir::Cache="$work/cache" -o APT::Sandbox::User=root -o Acquire::Languages=none)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main" > "$work/etc/s.list"
apt-get "${options[@]}" -qq update
cd "$work"
apt-get "${options[@]}" -qq download "$@"
for package in "$work"/*.deb; do dpkg-deb -x "$package" "$dest"; done
