#!/usr/bin/env python3
"""usage: feed_client.py SITE: follows hydra:next as udata's DCAT harvester does, and checks what it relies on."""
import sys

import rdflib
import requests
from rdflib import RDF, Namespace
from rdflib.namespace import DCAT, DCTERMS

site = sys.argv[1]
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
BASE = "https://donnees.example.org/"
KINDS = (DCAT.Dataset, DCAT.DatasetSeries, DCAT.DataService)
FORMATS = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld", "nt": "nt"}
seen_by_format = {}
for extension, parser in FORMATS.items():
    url, seen, pages = f"{site}/catalog.{extension}?page_size=9", [], 0
    while url:
        answer = requests.get(url, timeout=30)
        answer.raise_for_status()
        page = rdflib.Graph().parse(data=answer.content, format=parser)
        pages += 1
        assert not any(isinstance(term, rdflib.BNode) for triple in page for term in triple), "a blank node"
        listed = [s for kind in KINDS for s in page.subjects(RDF.type, kind) if "#" not in s]
        assert len(listed) == len(set(listed)) <= 9
        for entity in listed:
            assert page.value(entity, DCTERMS.identifier) and page.value(entity, DCTERMS.title), entity
            for publisher in page.objects(entity, DCTERMS.publisher):
                assert (publisher, None, None) in page, f"{publisher} is not described on the page that names it"
        seen += listed
        view = next(page.subjects(RDF.type, HYDRA.PartialCollectionView))
        following = page.value(view, HYDRA.next)
        url = str(following).replace(BASE, site + "/") if following else None
        assert pages < 100
    assert len(seen) == len(set(seen)), "an entity came twice"
    total = int(next(page.objects(None, HYDRA.totalItems)))
    assert len(seen) == total, (len(seen), total)
    seen_by_format[extension] = sorted(seen)
    print(f"{extension}: {pages} pages, {len(seen)} entities")
assert len({tuple(seen) for seen in seen_by_format.values()}) == 1
again = requests.get(f"{site}/catalog.ttl", timeout=30)
assert requests.get(f"{site}/catalog.ttl", headers={"If-None-Match": again.headers["ETag"]}, timeout=30).status_code == 304
