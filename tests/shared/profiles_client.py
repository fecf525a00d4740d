#!/usr/bin/env python3
"""usage: profiles_client.py SITE DIRECTORY: reads the feed in each profile to its end, as N-Triples into DIRECTORY, and asks for profiles by header."""
import sys

import rdflib
import requests
from rdflib import RDF, RDFS, Namespace, URIRef

site, directory = sys.argv[1:]
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
AP = Namespace("http://data.europa.eu/r5r/")
SCHEMA = Namespace("http://schema.org/")
BASE = "https://donnees.example.org/"
RELEASES = "https://semiceu.github.io/"
PROFILES = {
    "dcat-ap-3": RELEASES + "DCAT-AP/releases/3.0.1/",
    "dcat-ap-2.1.1": RELEASES + "DCAT-AP/releases/2.1.1/",
    "geodcat-ap-3": RELEASES + "GeoDCAT-AP/releases/3.0.0/",
    "dcat-ap-hvd": RELEASES + "DCAT-AP/releases/3.0.0-hvd/",
    "schema.org": "https://schema.org/",
}


def whole(profile):
    """All pages as one graph, each asked for as its predecessor says."""
    url, graph, pages = f"{site}/catalog.nt?page_size=250&profile={profile}", rdflib.Graph(), 0
    while url:
        answer = requests.get(url, timeout=60)
        answer.raise_for_status()
        assert f'<{PROFILES[profile]}>; rel="profile"' in answer.headers["Link"], answer.headers
        page = rdflib.Graph().parse(data=answer.content, format="nt")
        following = next(page.objects(None, HYDRA.next), None)
        url = str(following).replace(BASE, site + "/") if following else None
        graph += page
        pages += 1
        assert pages < 100
    return graph, pages


graphs = {}
for profile in PROFILES:
    graph, pages = whole(profile)
    graphs[profile] = graph
    datasets = sum(1 for kind in (DCAT.Dataset, SCHEMA.Dataset) for _ in graph.subjects(RDF.type, kind))
    print(f"{profile}: {pages} pages, {len(graph)} statements, {datasets} datasets")
    assert datasets, profile
    # That every IRI is a resource is an axiom of RDFS; some shapes want it said.
    entailed = rdflib.Graph() + graph
    for term in {term for triple in graph for term in (triple[0], triple[2]) if isinstance(term, URIRef)}:
        entailed.add((term, RDF.type, RDFS.Resource))
    entailed.serialize(f"{directory}/{profile}.nt", format="nt", encoding="utf-8")

# Only what falls under the regulation, and all of it.
hvd = graphs["dcat-ap-hvd"]
listed = {s for kind in (DCAT.Dataset, DCAT.DatasetSeries, DCAT.DataService) for s in hvd.subjects(RDF.type, kind) if "#" not in s}
every = graphs["dcat-ap-3"]
governed = {s for s in every.subjects(AP.hvdCategory, None) if "#" not in s}
assert listed == governed and listed, (listed ^ governed)
for entity in listed:
    assert (entity, AP.applicableLegislation, URIRef("http://data.europa.eu/eli/reg_impl/2023/138/oj")) in hvd, entity
other = next(s for s in every.subjects(RDF.type, DCAT.Dataset) if s not in governed)
refused = requests.get(str(other).replace(BASE, site + "/") + ".ttl?profile=dcat-ap-hvd", timeout=30)
assert refused.status_code == 406, refused.status_code

# schema.org: what Google Dataset Search demands, and a name of every file's class.
schema = graphs["schema.org"]
datasets = set(schema.subjects(RDF.type, SCHEMA.Dataset))
entities = {s for kind in (DCAT.Dataset, DCAT.DatasetSeries) for s in every.subjects(RDF.type, kind)}
assert datasets == entities, datasets ^ entities
for dataset in datasets:
    assert schema.value(dataset, SCHEMA.name) and schema.value(dataset, SCHEMA.url) and schema.value(dataset, SCHEMA.includedInDataCatalog), dataset
    for file in schema.objects(dataset, SCHEMA.distribution):
        assert (file, RDF.type, SCHEMA.DataDownload) in schema, file
others = {str(p) for p in schema.predicates()} - {str(RDF.type)}
assert all(p.startswith((str(SCHEMA), str(HYDRA))) for p in others), others

# Negotiation by header, of the catalogue, a part and an entity.
part = f"{site}/catalog/hvd"
entity = str(sorted(governed)[0]).replace(BASE, site + "/")
for address in (f"{site}/catalog", part, entity):
    for name, iri in PROFILES.items():
        if name == "dcat-ap-2.1.1" and "/series/" in address:
            continue
        answer = requests.get(address, headers={"Accept": "application/n-triples", "Accept-Profile": f"<urn:none>, <{iri}>;q=0.8"}, timeout=60)
        assert answer.status_code == 200 and f'<{iri}>; rel="profile"' in answer.headers["Link"], (address, name)
        assert "accept-profile" in answer.headers["Vary"].lower()
        links = requests.utils.parse_header_links(answer.headers["Link"])
        offered = {link["format"]: link["url"] for link in links if link.get("rel") == "alternate" and "format" in link}
        assert iri not in offered and len(offered) >= 3, offered
        for target, url in offered.items():
            led = requests.get(requests.compat.urljoin(site, url), timeout=60)
            assert led.status_code == 200 and f'<{target}>; rel="profile"' in led.headers["Link"], url
    unknown = requests.get(address, headers={"Accept-Profile": "<urn:none>"}, timeout=30)
    assert unknown.status_code == 406 and all(iri in unknown.text for iri in PROFILES.values()), unknown.text
    assert requests.get(address + "?profile=none", headers={"Accept": "text/turtle"}, timeout=30).status_code == 400
print("negotiated by header")
