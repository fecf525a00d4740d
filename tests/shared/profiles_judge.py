#!/usr/bin/env python3
"""usage: profiles_judge.py PROFILE RESULTS.json DATA.nt: fails on a violation that is none of what the records lack."""
import json
import sys

profile, results, data = sys.argv[1:]
results = json.load(open(results))
print(profile, results["data_triples"], "triples,", results["severities"] or "no violation")
MISSING = "MinCountConstraintComponent"
# What the profile demands, the records lack, and nobody can make up.
LACKING = {
    ("dcat-ap-2.1.1", "dcat:endpointURL", MISSING),
    ("geodcat-ap-3", "dcat:endpointURL", MISSING),
    # Of concepts of INSPIRE that the vocabularies do not have.
    ("geodcat-ap-3", "skos:prefLabel", MISSING),
    ("dcat-ap-hvd", "foaf:page", MISSING),
    # A licence or rights of a service.
    ("dcat-ap-hvd", "-", "OrConstraintComponent"),
}
unexplained = 0
for result in results["results"]:
    if result["severity"] != "Violation":
        continue
    lacking = (profile, result["path"], result["component"]) in LACKING
    unexplained += 0 if lacking else result["n"]
    print(" ", result["n"], result["shape"], result["path"], result["component"], "-", "the records lack it" if lacking else f"UNEXPLAINED {result['focus']} -> {result['value']}")
sys.exit(1 if unexplained else 0)
