#!/usr/bin/env bash
# The feed in each profile, judged by SHACL shapes of others: DCAT-AP 2.1.1, GeoDCAT-AP 3, DCAT-AP HVD; schema.org as search engines read it.
. "$(dirname "$0")/lib.sh"
client=$(judges)/client/bin/python
port=$(free_port)
new_instance "$port"
harvest_corpus > "$work/harvest.txt"
run_moisson serve > "$work/serve.txt" 2>&1 &
started+=($!)
wait_for "http://127.0.0.1:$port/ready"
"$client" "$root/tests/shared/profiles_client.py" "http://127.0.0.1:$port" "$work"
norms=$shared/norms
judged() {
	local profile=$1
	shift
	"$client" "$shared/oracles/shacl_check.py" "$work/$profile.nt" "$@" --json --focus > "$work/$profile.json" || true
	"$client" "$root/tests/shared/profiles_judge.py" "$profile" "$work/$profile.json" "$work/$profile.nt"
}
judged dcat-ap-2.1.1 "$norms"/dcat-ap-2.1.1/dcat-ap_2.1.1_shacl_{shapes,range}.ttl
judged geodcat-ap-3 "$norms/geodcat-ap-3.0.0/geodcat-ap-SHACL.ttl"
judged dcat-ap-hvd "$norms/dcat-ap-hvd-3.0.0/hvd-SHACL-full.ttl"
