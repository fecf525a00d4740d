#!/usr/bin/env bash
# Each query that is shipped finds rows in the demonstration's catalogue, in every format; a real SPARQLWrapper that asks its text of /sparql finds the same.
. "$(dirname "$0")/lib.sh"
client=$(judges)/client/bin/python
port=$(free_port)
"$moisson" --data "$work" demo --once > "$work/demo.txt"
sed -i "s/^listen = .*/listen = \"127.0.0.1:$port\"/" "$work/demo/config/moisson.toml"
"$moisson" --config "$work/demo/config" check
"$moisson" --config "$work/demo/config" --data "$work/demo/data" serve > "$work/serve.txt" 2>&1 &
started+=($!)
wait_for "http://127.0.0.1:$port/ready"
"$client" "$root/tests/shared/queries_client.py" "http://127.0.0.1:$port"
printf '# title: Fausse\nASK {\n  ?s }\n' > "$work/demo/config/queries/fausse.rq"
! "$moisson" --config "$work/demo/config" check > "$work/check.txt" 2>&1 || { echo "a query that is broken is no fault"; exit 1; }
grep 'fausse.rq:3:6' "$work/check.txt"
