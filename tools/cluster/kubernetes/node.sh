#!/usr/bin/env bash
# The first process of a node, in namespaces of its own: when it ends, everything of the node has ended, and its mounts and network are gone.
# It ends when any program of the node does, or when whoever started it does (then its standard input is closed).
#   node.sh <folder> <programs> <address> <gateway> <node>      node.mjs says what is in the folder
set -euo pipefail
# Programs in the background do not get the standard input by themselves.
exec 3<&0
cat <&3 > /dev/null &
starter=$!
waiting() {
  kill -0 "$starter" 2> /dev/null || exit 1
  sleep 0.1
}
folder=$1 programs=$2 address=$3 gateway=$4 javascript=$5
export PATH=$programs/bin:$programs/usr/bin:$programs/usr/sbin:$PATH

# What the machine has in these folders is not the node's, and what the node writes there is not the machine's.
mount --make-rshared /
mount --bind "$folder/var-lib" /var/lib
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/log
mkdir -p /run/lock /run/netns /run/etcd
# kubelet sets these for the whole machine, unless they are what it wants.
sysctl() {
  echo "$2" > "/run/sysctl-${1//\//-}"
  mount --bind "/run/sysctl-${1//\//-}" "/proc/sys/$1"
}
sysctl vm/overcommit_memory 1
sysctl vm/panic_on_oom 0
sysctl kernel/panic 10
sysctl kernel/panic_on_oops 1
sysctl kernel/keys/root_maxkeys 1000000
sysctl kernel/keys/root_maxbytes 25000000

# One wire to the machine, which node.mjs plugs in.
ip link set lo up
until ip link show node0 > /dev/null 2>&1; do waiting; done
ip address add "$address/30" dev node0
ip link set node0 up
ip route add default via "$gateway"
echo 1 > /proc/sys/net/ipv4/ip_forward

declare -A names=([$starter]='whoever started the node')
run() {
  local name=$1
  shift
  "$@" > "$folder/logs/$name.log" 2>&1 &
  names[$!]=$name
}
run etcd etcd --data-dir /run/etcd --listen-peer-urls http://127.0.0.1:2380 --logger zap --log-level warn
run containerd containerd --config "$folder/containerd.toml"
run kube-apiserver kube-apiserver --etcd-servers http://127.0.0.1:2379 --advertise-address "$address" --bind-address 0.0.0.0 \
  --cert-dir /var/lib/kube-apiserver --token-auth-file "$folder/tokens.csv" --authorization-mode Node,RBAC \
  --service-cluster-ip-range 10.96.0.0/16 --allow-privileged --profiling=false --kubelet-preferred-address-types InternalIP \
  --service-account-issuer https://kubernetes.default.svc --service-account-signing-key-file "$folder/accounts.key" \
  --service-account-key-file "$folder/accounts.key"
# Written when it first starts; the others need it to know it.
until [ -s /var/lib/kube-apiserver/apiserver.crt ]; do waiting; done
kubeconfig=$folder/kubeconfig
run kube-controller-manager kube-controller-manager --kubeconfig "$kubeconfig" --leader-elect=false \
  --service-account-private-key-file "$folder/accounts.key" --root-ca-file /var/lib/kube-apiserver/apiserver.crt
run kube-scheduler kube-scheduler --kubeconfig "$kubeconfig" --leader-elect=false
run kube-proxy kube-proxy --config "$folder/kube-proxy.yaml"
run names "$javascript" "$(dirname "$0")/names.mjs" "$kubeconfig" "$address"
run kubelet kubelet --config "$folder/kubelet.yaml" --kubeconfig "$kubeconfig" --hostname-override node --node-ip "$address" \
  --container-runtime remote --container-runtime-endpoint unix:///run/containerd/containerd.sock
wait -n -p first || true
echo "The node ends: ${names[$first]} has ended." >&2
