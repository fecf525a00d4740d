#!/usr/bin/env bash
# A real RDF client follows the DCAT feed to its end, in each format: every entity once, each page standing alone.
. "$(dirname "$0")/lib.sh"
client=$(judges)/client/bin/python
port=$(free_port)
"$moisson" --data "$work" demo --once > "$work/demo.txt"
sed -i "s/^listen = .*/listen = \"127.0.0.1:$port\"/" "$work/demo/config/moisson.toml"
"$moisson" --config "$work/demo/config" --data "$work/demo/data" serve > "$work/serve.txt" 2>&1 &
started+=($!)
wait_for "http://127.0.0.1:$port/ready"
"$client" "$root/tests/shared/feed_client.py" "http://127.0.0.1:$port"
