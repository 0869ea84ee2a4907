#!/usr/bin/env bash
# Builds a node of Kubernetes from the source package of Debian 12, which has everything that it needs in it (version 1.20), and puts
# programs of Debian beside it: etcd, containerd, CNI plugins. Nothing is installed on the system.
#   build.sh <folder>
# The folder is there whole or not at all. About 8 minutes of CPU, and 2 GB below <folder>.building meanwhile.
set -euo pipefail
dest=$(realpath -m "$1") here=$(cd "$(dirname "$0")" && pwd)
work=$dest.building
suite=bookworm
programs=(kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy)
rm -rf "$work"
mkdir -p "$work/made/bin" "$work/tools"

echo "Fetching programs and sources of Debian ($suite) ..."
"$here/../unpack-debian.sh" "$work/made" "$suite" etcd-server containerd containernetworking-plugins conntrack
"$here/../unpack-debian.sh" "$work/tools" "$suite" golang-1.19-go golang-1.19-src rsync libpopt0 make src:kubernetes

echo "Building ${programs[*]} ..."
export PATH=$work/tools/usr/lib/go-1.19/bin:$work/tools/usr/bin:$PATH
export LD_LIBRARY_PATH=$work/tools/usr/lib/x86_64-linux-gnu
export HOME=$work/home GOCACHE=$work/cache GOPATH=$work/go GOROOT=$work/tools/usr/lib/go-1.19
# Whatever is not in the package is an error, not a download.
export GOPROXY=off GOFLAGS=-mod=vendor GONOSUMDB='*' CGO_ENABLED=0
cd "$work/tools/kubernetes"
make WHAT="$(printf 'cmd/%s ' "${programs[@]}")" > "$work/build.log" 2>&1 || {
  tail -n 40 "$work/build.log"
  echo "Kubernetes could not be built; everything that was said is in $work/build.log."
  exit 1
}
for program in "${programs[@]}"; do cp "_output/local/go/bin/$program" "$work/made/bin/"; done
cd /
rm -rf "$dest"
mv "$work/made" "$dest"
chmod -R u+w "$work"
rm -rf "$work"
"$dest/bin/kubelet" --version
