#!/usr/bin/env bash
# Unpacks Debian's nats-server (2.10 or later) into the folder given, without installing anything on the system.
set -euo pipefail
dest=$1
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

# Pinned-by-release first: trixie is stable; forky moves but is newer.
for suite in trixie forky; do
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main" > "$work/etc/s.list"
  if apt-get "${options[@]}" -qq update \
    && (cd "$work" && apt-get "${options[@]}" -qq download nats-server) \
    && dpkg-deb -x "$work"/nats-server_*.deb "$work/x" \
    && install -m755 "$work/x/usr/sbin/nats-server" "$dest/nats-server.new"; then
    mv "$dest/nats-server.new" "$dest/nats-server"
    "$dest/nats-server" --version
    exit 0
  fi
done
exit 1
