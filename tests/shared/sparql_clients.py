#!/usr/bin/env python3
"""usage: sparql_clients.py ENDPOINT: real clients ask for the same thing in every form, and agree."""
import sys

import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, N3, POST, RDFXML, TURTLE, XML, SPARQLWrapper

endpoint = sys.argv[1]
COUNT = "PREFIX dcat: <http://www.w3.org/ns/dcat#> SELECT (COUNT(DISTINCT ?d) AS ?n) WHERE { ?d a dcat:Dataset }"
GRAPH = "PREFIX dcat: <http://www.w3.org/ns/dcat#> CONSTRUCT { ?d a dcat:Dataset } WHERE { ?d a dcat:Dataset }"


def ask(query, form, method="GET"):
    client = SPARQLWrapper(endpoint)
    client.setQuery(query)
    client.setReturnFormat(form)
    client.setMethod(method)
    return client.query().convert()


wanted = int(ask(COUNT, JSON)["results"]["bindings"][0]["n"]["value"])
assert wanted > 0
assert int(ask(COUNT, JSON, POST)["results"]["bindings"][0]["n"]["value"]) == wanted
assert f"<literal datatype=\"http://www.w3.org/2001/XMLSchema#integer\">{wanted}</literal>" in ask(COUNT, XML).toxml()
assert ask(COUNT, CSV).decode().split() == ["n", str(wanted)]
for form in (TURTLE, N3):
    assert len(rdflib.Graph().parse(data=ask(GRAPH, form), format="turtle")) == wanted
assert len(ask(GRAPH, RDFXML)) == wanted
for method in ("GET", "POST", "POST_FORM"):
    store = SPARQLStore(endpoint, method=method)
    assert int(next(iter(rdflib.Graph(store).query(COUNT)))[0]) == wanted
description = rdflib.Graph().parse(endpoint, format="turtle")
assert (None, rdflib.RDF.type, rdflib.URIRef("http://www.w3.org/ns/sparql-service-description#Service")) in description
SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
name = next(description.objects(None, SD.name))
ORIGINS = f"PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX dcat: <http://www.w3.org/ns/dcat#> SELECT (COUNT(DISTINCT ?d) AS ?n) WHERE {{ ?d a dcat:Dataset GRAPH <{name}> {{ ?d prov:wasDerivedFrom ?record . ?run prov:used ?record ; prov:startedAtTime ?at }} }}"
assert int(ask(ORIGINS, JSON)["results"]["bindings"][0]["n"]["value"]) == wanted
assert int(next(iter(rdflib.Graph(SPARQLStore(endpoint)).query(ORIGINS)))[0]) == wanted
print(f"SPARQLWrapper and rdflib agree on {wanted} datasets")
