#!/usr/bin/env bash
# The W3C's SPARQL 1.1 protocol tests, and a real rdflib and SPARQLWrapper, on the endpoint.
. "$(dirname "$0")/lib.sh"
client=$(judges)/client/bin/python

echo "an instance with the demonstration's records"
port=$(free_port)
"$moisson" --data "$work" demo --once > "$work/demo.txt"
sed -i "s/^listen = .*/listen = \"127.0.0.1:$port\"/" "$work/demo/config/moisson.toml"
"$moisson" --config "$work/demo/config" --data "$work/demo/data" serve > "$work/serve.txt" 2>&1 &
started+=($!)
wait_for "http://127.0.0.1:$port/ready"
"$client" "$root/tests/shared/sparql_clients.py" "http://127.0.0.1:$port/sparql"
"$client" "$shared/oracles/sparql_protocol.py" "http://127.0.0.1:$port/sparql" > "$work/protocol.txt" || true
# The catalogue has no W3C data: what concerns given graphs is asked of the example below.
expected_to_fail '^FAIL (update_|query_(.*_)?dataset)' "$work/protocol.txt"

echo "the same endpoint over the W3C's graphs"
port=$(free_port)
w3c=$shared/norms/w3c-sparql/protocol name=http://kasei.us/2009/09/sparql/data
"$target/debug/examples/sparql-endpoint" "127.0.0.1:$port" "$name/data1.rdf=$w3c/data1.nt" "$name/data2.rdf=$w3c/data2.nt" "$name/data3.rdf=$w3c/data3.nt" > "$work/endpoint.txt" 2>&1 &
started+=($!)
wait_for "http://127.0.0.1:$port/sparql"
"$client" "$shared/oracles/sparql_protocol.py" "http://127.0.0.1:$port/sparql" > "$work/protocol.txt" || true
# Updates are refused; the script counts a refusal as a failure.
expected_to_fail '^FAIL update_' "$work/protocol.txt"
