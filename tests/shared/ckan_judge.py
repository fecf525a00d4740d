"""Compares what ckanext-dcat writes of a package with our graph of it, property by property.

ckan_judge.py GRAPH FILE...: GRAPH is the program `graph` of crates/mapping/examples. Each value at the end of a path of properties that
ckanext-dcat's RDF has and ours lacks is printed; those that ALLOWED explains do not fail. Run with the environment of judges.sh ckan.
"""
import json
import re
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
from ckan.common import config

config.update({
    "ckan.site_url": "http://localhost", "ckan.site_title": "x", "ckan.locale_default": "en", "ckan.locales_offered": "en", "ckan.plugins": "",
    "ckanext.dcat.compatibility_mode": False,
})
import ckan.plugins.toolkit as toolkit

toolkit.asbool  # loads the toolkit
import ckanext.dcat.processors as processors
from ckanext.dcat.profiles.dcat_us_3 import DCATUS3Profile
from ckanext.dcat.profiles.euro_dcat_ap_3 import EuropeanDCATAP3Profile
from ckanext.dcat.profiles.euro_health_dcat_ap import EuropeanHealthDCATAPProfile
from rdflib import RDF, BNode, Graph

PROFILES = {"dcat_us": DCATUS3Profile, "health": EuropeanHealthDCATAPProfile}

# What a path is called in our graph, and why. (Paths are of local names: ckanext-dcat writes dcat:qualifiedAttribution and dcat:agent, which
# are terms of PROV-O, and dcatus:purpose, where we have GeoDCAT-AP's.)
RENAMED = [
    # A statement is a text until a rule makes it a node; a label of ours is at the end of the path too.
    (r"(rights|accessRights|provenance|liabilityStatement)/label$", r"\1"),
    # FOAF has a property for the address of an agent; vCard's is for contacts. (ckanext-dcat writes either, by the profile.)
    (r"(publisher|creator|contributor|hdab)/hasEmail$", r"\1/mbox"),
    # A statement of liability is a statement of rights: DCAT-AP has no other property for it.
    (r"^liabilityStatement$", "rights"),
    # DCAT-US gives the publisher's name twice.
    (r"^publisher/prefLabel$", "publisher/name"),
]
# Values that our graph lacks, by path: why that is right.
ALLOWED = [
    (r"^describedBy/accessURL$", "a data dictionary is a document about the data: foaf:page"),
    (r"^distribution/describedBy/", "a data dictionary of a distribution stands at the dataset, once"),
    (r"^describedBy/(format|license)$", "of a document DCAT-AP has the address only"),
    (r"license/type$", "ckanext-dcat says `UnknownIPR` of every licence"),
    (r"^geographicBoundingBox/", "DCAT-AP has dcat:bbox, which is compared as numbers"),
    (r"^distribution/(identifier)$", "the test made up the identifiers of resources"),
    (r"^distribution/(issued|modified|retentionPeriod/.*)$", "EMPTY"),
    (r"^wasGeneratedBy$", "nodes have our names: what an activity is called is its identifier"),
    (r"^healthCategory$", "ckanext-dcat writes themes as categories; we write healthTheme"),
]


def local(iri):
    return re.split(r"[#/]", str(iri).rstrip("/"))[-1]


def numbers(text):
    return tuple(round(float(number), 4) for number in re.findall(r"-?\d+\.?\d*", text))


def leaf(path, value):
    text = str(value)
    if path.endswith(("bbox", "geometry", "centroid")):
        return (path, numbers(text))
    if path.endswith(("byteSize", "spatialResolutionInMeters")):
        return (path, float(text))
    # ckanext-dcat writes the bare address where its older profile has a literal.
    return (path, text.removeprefix("mailto:") if path.endswith(("mbox", "hasEmail")) else text)


def walk(graph, node, path, seen, found):
    for predicate, value in graph.predicate_objects(node):
        if predicate == RDF.type:
            continue
        here = f"{path}/{local(predicate)}".lstrip("/")
        known = (value, None, None) in graph and value not in seen
        described = known and any(p != RDF.type for p in graph.predicates(value))
        if described:
            walk(graph, value, here, seen | {value}, found)
        if not isinstance(value, BNode):
            found.add(leaf(here, value))
            if getattr(value, "language", None):
                found.add((f"{here}@{value.language}", str(value)))


def theirs(record, profile):
    processors.RDFProcessor._load_profiles = lambda self, names: [profile]
    serializer = processors.RDFSerializer(profiles=["x"])
    dataset = serializer.graph_from_dataset(json.loads(json.dumps(record)))
    found = set()
    walk(serializer.g, dataset, "", {dataset}, found)
    # The addresses that CKAN gives to the dataset and its resources are those of no portal here.
    return {(path, value) for path, value in found if not str(value).startswith("http://localhost/dataset/")}


def ours(program, record):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(record, file)
        file.flush()
        lines = subprocess.run([program, "ckan-package", file.name], check=True, capture_output=True, text=True).stdout
    graph = Graph().parse(data=lines, format="nt")
    roots = [s for s in graph.subjects(RDF.type, None) if "/organisation/" not in s and "#" not in s]
    found = set()
    walk(graph, roots[0], "", {roots[0]}, found)
    return found


def named(path):
    path, at, language = path.partition("@")
    for pattern, ours in RENAMED:
        path = re.sub(pattern, ours, path)
    return path + at + language


def main(program, files):
    compared = failed = 0
    for file in files:
        records = json.load(open(file))
        for record in records if isinstance(records, list) else [records]:
            record = record.get("result", record)
            record = record[0] if isinstance(record, list) else record
            record.setdefault("id", "package")
            record.setdefault("type", "dataset")
            for at, resource in enumerate(record.setdefault("resources", [])):
                resource.setdefault("id", f"resource-{at}")
                resource.setdefault("package_id", record["id"])
            profile = next((value for key, value in PROFILES.items() if key in file), EuropeanDCATAP3Profile)
            want, have = theirs(record, profile), ours(program, record)
            have = {(named(path), value) for path, value in have}
            boxes = {number for path, value in have if path.endswith("bbox") for number in value}
            missing = set()
            for path, value in want:
                path = named(path)
                if path.startswith("geographicBoundingBox/"):
                    if round(float(value), 4) in boxes:
                        continue
                elif (path, value) in have:
                    continue
                missing.add((path, value))
            compared += len(want)
            print(f"{file.rsplit('/', 1)[-1]}: {len(want)} values, {len(missing)} of them not in our graph")
            empty = all(not resource.get(key) for resource in record["resources"] for key in ("url", "access_url", "download_url"))
            for path, value in sorted(missing, key=str):
                reason = next((why for pattern, why in ALLOWED if re.search(pattern, path)), None)
                if reason == "EMPTY":
                    reason = "a resource without an address is no distribution" if empty else None
                print(f"  {'allowed' if reason else 'LACKING'} {path} {value!r}{': ' + reason if reason else ''}")
                failed += not reason
    print(f"{compared} values compared, {failed} lacking")
    return 1 if failed or not compared else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
