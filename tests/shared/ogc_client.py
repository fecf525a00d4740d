#!/usr/bin/env python3
"""ogc_client.py URL [FEED]: walks through an OGC API - Records with OWSLib, as a crawler does, and compares what it meets with the DCAT feed.

URL is the landing page as it can be reached; the addresses in answers are public ones, and are asked at URL instead."""
import json
import re
import sys
import urllib.parse

import requests
from owslib.ogcapi.records import Records

URL = sys.argv[1].rstrip("/")
session = requests.Session()


def here(address):
    """The same address where it can be reached."""
    return URL + address[address.index("/ogc") + len("/ogc"):]


def crawl(collection, limit, **asked):
    """Every record through the `next` links."""
    client = Records(URL + "/")
    page = client.collection_items(collection, limit=limit, **asked)
    ids, matched, pages = [], page["numberMatched"], 0
    while True:
        pages += 1
        assert page["numberReturned"] == len(page["features"]) > 0 or matched == 0, page["numberReturned"]
        ids += [feature["id"] for feature in page["features"]]
        following = [link["href"] for link in page["links"] if link["rel"] == "next"]
        if not following:
            break
        page = session.get(here(following[0]), timeout=60).json()
    assert len(ids) == len(set(ids)) == matched, f"{collection}: {len(ids)} records, {len(set(ids))} distinct, {matched} announced"
    print(f"{collection} {asked or ''}: {len(ids)} records on {pages} pages, each once")
    return set(ids)


def feed():
    """The identifiers of datasets, services and series of the DCAT feed, read from its own pages."""
    base = URL[: -len("/ogc")]
    found, address = set(), base + "/catalog.nt"
    kind = re.compile(r"^<[^>]*/(?:dataset|dataservice|series)/([0-9a-f-]{36})> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#(?:Dataset|DataService|DatasetSeries)> \.$", re.M)
    following = re.compile(r"<http://www.w3.org/ns/hydra/core#next> <([^>]+)>")
    while address:
        text = session.get(address, timeout=120).text
        found |= set(kind.findall(text))
        onward = following.search(text)
        address = onward and base + "/" + onward[1].split("/", 3)[3]
    return found


client = Records(URL + "/")
assert "catalogue" in client.records()
classes = client.conformance()["conformsTo"]
assert "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/searchable-catalog" in classes
api = session.get(URL[: -len("/ogc")] + "/api", timeout=60).json()
assert api["openapi"].startswith("3.0") and "/ogc/collections/{collection}/items" in api["paths"]
queryables = client.collection_queryables("catalogue")["properties"]
assert {"id", "title", "type", "geometry", "time"} <= set(queryables)

everything = crawl("catalogue", 50)
assert everything == crawl("catalogue", 17, sortby=("title", "desc"))
known = feed()
print(f"the feed has {len(known)}; not there: {len(everything - known)}, not here: {len(known - everything)}")
assert everything == known

kinds = {kind: crawl("catalogue", 100, type=kind) for kind in ("dataset", "series", "service")}
assert set.union(*kinds.values()) == everything and sum(map(len, kinds.values())) == len(everything)
parts = [part for part in client.records() if part.startswith("source-")]
assert set.union(*(crawl(part, 100) for part in parts)) == everything

# A record by itself is the record of the list; a filter in both encodings finds the same.
for identifier in sorted(everything)[:20]:
    record = client.collection_item("catalogue", identifier)
    assert record["id"] == identifier and record["properties"]["title"]
    page = session.get(f"{URL}/collections/catalogue/items?ids={identifier}", timeout=60).json()
    assert page["features"] == [record]
text = crawl("catalogue", 100, filter="type = 'service' OR CASEI(title) LIKE CASEI('%eau%')")
tree = {"op": "or", "args": [{"op": "=", "args": [{"property": "type"}, "service"]},
                             {"op": "like", "args": [{"op": "casei", "args": [{"property": "title"}]}, "%eau%"]}]}
assert text == crawl("catalogue", 100, filter=json.dumps(tree), **{"filter-lang": "cql2-json"})
located = crawl("catalogue", 100, bbox=[-180, -90, 180, 90])
geometries = set()
for identifier in everything - located:
    geometry = client.collection_item("catalogue", identifier)["geometry"]
    if geometry is not None:
        geometries.add(identifier)
assert not geometries, f"{len(geometries)} have a geometry and are in no box"
refused = session.get(f"{URL}/collections/catalogue/items?{urllib.parse.urlencode({'nom': 'x'})}", timeout=60)
assert refused.status_code == 400 and refused.headers["content-type"] == "application/problem+json" and "nom" in refused.json()["detail"]
