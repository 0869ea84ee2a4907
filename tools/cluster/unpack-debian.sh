#!/usr/bin/env bash
# Unpacks packages of a suite of Debian (trixie, bookworm …) into a folder, without installing anything on the system:
#   unpack-debian.sh <folder> <suite> <package>...
# `src:<package>` is its source as the authors published it, in <folder>/<package>.
set -euo pipefail
dest=$1 suite=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$dest" "$work"/{lists/partial,cache/archives/partial,etc/preferences.d}
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
packages=() sources=() kinds=(deb)
for package in "$@"; do
  case $package in
    src:*) sources+=("${package#src:}") kinds=(deb deb-src) ;;
    *) packages+=("$package") ;;
  esac
done
for kind in "${kinds[@]}"; do
  echo "$kind [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main"
done > "$work/etc/s.list"
apt-get "${options[@]}" -qq update
dest=$(realpath "$dest")
cd "$work"
if [ ${#packages[@]} -gt 0 ]; then
  apt-get "${options[@]}" -qq download "${packages[@]}"
  for package in "$work"/*.deb; do dpkg-deb -x "$package" "$dest"; done
fi
for package in ${sources[@]+"${sources[@]}"}; do
  mkdir -p "$dest/$package"
  apt-get "${options[@]}" -qq source --download-only "$package" > /dev/null
  tar -C "$dest/$package" --strip-components=1 -xf "$work/$package"_*.orig.tar.*
done
