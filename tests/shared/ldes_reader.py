#!/usr/bin/env python3
"""ldes_reader.py ROOT STATE CATALOGUE.nt MEMBERS.nt | --client OUTPUT STATE: keeps a copy of a catalogue by its event stream.

Reads what is not settled yet (STATE has what was read before), and compares the copy with the catalogue as it is exported. MEMBERS.nt gets the members for the
shapes to judge. With `--client`: whether ldes-client found the same members, from what it prints."""
import json
import pathlib
import re
import sys

if sys.argv[1] == "--client":
    known, printed = json.loads(pathlib.Path(sys.argv[3]).read_text()), pathlib.Path(sys.argv[2]).read_text()
    # Each member has one statement of what it is about.
    found = set(re.findall(r"<([^>]*/feed/page/\d+#\d+)> <https://www\.w3\.org/ns/activitystreams#object>", printed))
    assert found == set(known["members"]), f"{len(found)} of {len(known['members'])}: {printed[:600]}"
    statements = sum(1 for line in printed.splitlines() if line.rstrip().endswith(" ."))
    print(f"ldes-client: {len(found)} members, {statements} statements")
    sys.exit()

import requests
from rdflib import DCTERMS as DCT, FOAF, Dataset, Graph, Namespace, RDF, URIRef

ROOT, STATE, CATALOGUE, MEMBERS = sys.argv[1], *map(pathlib.Path, sys.argv[2:])
TREE, LDES, AS = Namespace("https://w3id.org/tree#"), Namespace("https://w3id.org/ldes#"), Namespace("https://www.w3.org/ns/activitystreams#")
state = json.loads(STATE.read_text()) if STATE.exists() else {"settled": [], "members": {}, "copy": {}}
settled, members, copies = set(state["settled"]), state["members"], state["copy"]
session, judged = requests.Session(), Graph()
left, seen, new = [(ROOT, [])], set(), 0
while left:
    node, bounds = left.pop()
    if node in seen or node in settled:
        continue
    seen.add(node)
    answer = session.get(node, headers={"Accept": "application/trig"}, timeout=60)
    answer.raise_for_status()
    if "immutable" in answer.headers.get("Cache-Control", ""):
        settled.add(node)
    page = Dataset()
    page.parse(data=answer.content, format="trig")
    plain = page.default_graph if hasattr(page, "default_graph") else page.default_context
    stream = next(plain.subjects(RDF.type, LDES.EventStream))
    assert plain.value(stream, LDES.timestampPath) == AS.published and plain.value(stream, LDES.versionOfPath) == AS.object
    for member in plain.objects(stream, TREE.member):
        entity, published, kind = str(plain.value(member, AS.object)), str(plain.value(member, AS.published)), plain.value(member, RDF.type)
        for least, value in bounds:
            assert published >= value if least else published <= value, member
        description = page.graph(URIRef(member))
        assert (len(description) == 0) == (kind == AS.Delete), member
        named = {agent for predicate in (DCT.publisher, DCT.creator) for agent in description.objects(None, predicate)}
        assert all(description.value(agent, FOAF.name) for agent in named), f"{member} names an agent that it does not describe"
        new += str(member) not in members
        members[str(member)] = entity
        number = int(str(member).rsplit("#", 1)[1])
        judged += plain.cbd(member)
        # Of the agents that it names, their own members tell what holds.
        description = [t for t in description if not str(t[0]).startswith(ROOT.removesuffix("feed") + "organisation/") or str(t[0]).split("#")[0] == entity]
        # The later activity holds.
        if number > copies.get(entity, [0])[0]:
            copies[entity] = [number, sorted(f"{s.n3()} {p.n3()} {o.n3()}" for s, p, o in description)]
            for triple in description:
                judged.add(triple)
    following = {}
    for relation in plain.objects(URIRef(node), TREE.relation):
        assert plain.value(relation, TREE.path) == AS.published
        least = plain.value(relation, RDF.type) == TREE.GreaterThanOrEqualToRelation
        following.setdefault(str(plain.value(relation, TREE.node)), []).append((least, str(plain.value(relation, TREE.value))))
    left.extend(following.items())
STATE.write_text(json.dumps({"settled": sorted(settled), "members": members, "copy": copies}))
judged.serialize(MEMBERS, format="nt", encoding="utf-8")
print(f"{len(seen)} nodes read, {new} new members, {len(settled)} settled nodes, {len(copies)} entities, {sum(not lines for _, lines in copies.values())} of them deleted")
have = {line for _, lines in copies.values() for line in lines}
base = ROOT.removesuffix("feed")
# What the catalogue says of itself, and of concepts, is no entity's.
theirs = Graph().parse(CATALOGUE, format="nt")
entities = tuple(base + kind for kind in ("dataset/", "series/", "dataservice/", "organisation/"))
want = {f"{s.n3()} {p.n3()} {o.n3()}" for s, p, o in theirs if str(s).startswith(entities)}
lacking, stale = want - have, {line for line in have - want if line[1:].startswith(entities)}
print(f"{len(want)} statements about entities, {len(lacking)} lacking, {len(stale)} stale", *sorted(lacking)[:3], *sorted(stale)[:3])
assert want and not lacking and not stale
