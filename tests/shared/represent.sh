#!/usr/bin/env bash
# Every ISO record of the corpus, published and written again: as ISO 19139, valid by the ISO schemas; as csw:Record, by those of OGC. Needs cargo.
. "$(dirname "$0")/lib.sh"
env=$(judges pycsw)
mkdir -p "$work/records"
(cd "$root" && REPRESENT_OUT=$work/records cargo test -q -p represent --test corpus -- --nocapture --test-threads 1) | grep -E 'records|FAILED'
find "$work/records" -name '*.gmd.xml' -print0 | xargs -0 -n 10000 "$env/client/bin/python" "$root/tests/shared/iso_valid.py" "$env"/pycsw/lib/python3.*/site-packages/pycsw
find "$work/records" -name '*.csw.xml' -print0 | xargs -0 -n 10000 "$env/client/bin/python" "$root/tests/shared/csw_valid.py" "$shared/norms/ogc-xsd"
