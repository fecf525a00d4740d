#!/usr/bin/env python3
"""csw_harvesters.py URL FOLDER: asks a CSW as GeoNetwork's and data.gouv.fr's harvesters do, and walks through it in each schema with OWSLib.

Every record has to come, once, whoever asks; each by itself, too. The answers stay in FOLDER, for the schemas to judge."""
import pathlib
import sys
import time

import requests
from lxml import etree
from owslib import fes
from owslib.csw import CatalogueServiceWeb

URL, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
CSW, GMD, DCAT, GEODCAT = "http://www.opengis.net/cat/csw/2.0.2", "http://www.isotc211.org/2005/gmd", "http://www.w3.org/ns/dcat#", "http://data.europa.eu/930/"
NS = {"csw": CSW, "gmd": GMD, "gco": "http://www.isotc211.org/2005/gco", "dc": "http://purl.org/dc/elements/1.1/", "dct": "http://purl.org/dc/terms/",
      "ows": "http://www.opengis.net/ows", "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "dcat": DCAT, "foaf": "http://xmlns.com/foaf/0.1/"}
QUERY = """<?xml version="1.0"?><csw:GetRecords xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" xmlns:ogc="http://www.opengis.net/ogc" xmlns:gmd="http://www.isotc211.org/2005/gmd"
 xmlns:apiso="http://www.opengis.net/cat/csw/apiso/1.0" service="CSW" version="2.0.2" resultType="results" startPosition="{start}" maxRecords="{size}" outputFormat="application/xml" outputSchema="{schema}">
<csw:Query typeNames="{types}"><csw:ElementSetName>{set}</csw:ElementSetName>{rest}</csw:Query></csw:GetRecords>"""
TYPES = "".join(f"<ogc:PropertyIsEqualTo><ogc:PropertyName>apiso:type</ogc:PropertyName><ogc:Literal>{t}</ogc:Literal></ogc:PropertyIsEqualTo>"
                for t in ("dataset", "nonGeographicDataset", "series", "service"))
UDATA = f"""<csw:Constraint version="1.1.0"><ogc:Filter><ogc:Or>{TYPES}</ogc:Or></ogc:Filter></csw:Constraint>
<ogc:SortBy><ogc:SortProperty><ogc:PropertyName>apiso:identifier</ogc:PropertyName><ogc:SortOrder>ASC</ogc:SortOrder></ogc:SortProperty></ogc:SortBy>"""
session = requests.Session()


def keep(name, content):
    (FOLDER / f"{name}.xml").write_bytes(content)
    root = etree.fromstring(content)
    assert not root.tag.endswith("ExceptionReport"), content[:600]
    return root


def pages(name, schema, types, element_set, size, rest=""):
    """As both harvesters page: to `nextRecord` 0 or beyond the count, or an empty page."""
    start, number = 1, 0
    while True:
        number += 1
        body = QUERY.format(start=start, size=size, schema=schema, types=types, set=element_set, rest=rest)
        answer = session.post(URL, data=body.encode(), headers={"Content-Type": "application/xml"}, timeout=60)
        root = keep(f"{name}-{number}", answer.content)
        results = root.find("csw:SearchResults", NS)
        matched, returned, following = (int(results.get(key)) for key in ("numberOfRecordsMatched", "numberOfRecordsReturned", "nextRecord"))
        records = list(results)
        assert len(records) == returned, (len(records), returned)
        yield from ((matched, record) for record in records)
        if following == 0 or following > matched or returned == 0 or following < start:
            return
        start = following


def identifier(record):
    found = record.find("gmd:fileIdentifier/gco:CharacterString", NS)
    return (found if found is not None else record.find("dc:identifier", NS)).text.strip()


def distinct(name, matched, ids):
    assert len(ids) == len(set(ids)) == matched, f"{name}: {len(ids)} records, {len(set(ids))} distinct, {matched} announced"
    print(f"{name}: {len(ids)} records, each once")


def geonetwork():
    """Capabilities; summaries by POST, 20 a page; then each in full by its identifier. Its date is there in both."""
    root = keep("capabilities", session.get(URL, params={"SERVICE": "CSW", "REQUEST": "GetCapabilities", "VERSION": "2.0.2"}).content)
    operations = {operation.get("name"): operation for operation in root.iter(f"{{{NS['ows']}}}Operation")}
    for name in ("GetRecords", "GetRecordById"):
        assert operations[name].find(".//ows:Get", NS) is not None or operations[name].find(".//ows:Post", NS) is not None
    listed = {p.get("name"): [v.text for v in p.findall("ows:Value", NS)] for p in operations["GetRecords"].findall("ows:Parameter", NS)}
    assert {value.lower() for value in listed["CONSTRAINTLANGUAGE"]} == {"filter", "cql_text"}
    found = {}
    for schema, types, date in ((GMD, "gmd:MD_Metadata", "gmd:dateStamp/*"), (CSW, ",".join(listed["typeNames"]), "dct:modified")):
        ids, undated, matched = [], 0, 0
        for matched, record in pages(f"geonetwork-{types[:3]}", schema, types, "summary", 20):
            ids.append(identifier(record))
            undated += record.find(date, NS) is None
        distinct(f"GeoNetwork, {types}", matched, ids)
        print(f"  {undated} without a date")
        found[schema] = ids
    assert set(found[GMD]) == set(found[CSW])
    started = time.monotonic()
    for number, uuid in enumerate(found[GMD]):
        params = {"SERVICE": "CSW", "REQUEST": "GetRecordById", "VERSION": "2.0.2", "elementSetName": "full", "outputSchema": GMD, "id": uuid}
        root = keep(f"record-{number}", session.get(URL, params=params, timeout=60).content)
        assert [identifier(record) for record in root] == [uuid], uuid
    print(f"  each by itself: {len(found[GMD]) / (time.monotonic() - started):.0f} a second")
    return set(found[GMD])


def udata():
    """CSW-DCAT and CSW-ISO-19139: 25 a page, by POST, of the four types, in the order of identifiers."""
    for schema in (DCAT, GEODCAT):
        ids, matched = [], 0
        for matched, record in pages(f"udata-{schema[-5:].strip('/#')}", schema, "gmd:MD_Metadata", "full", 25, UDATA):
            assert record.tag == f"{{{NS['rdf']}}}RDF", record.tag
            records = [node for kind in ("Dataset", "DatasetSeries", "DataService") for node in record.findall(f"dcat:{kind}", NS)]
            typed = [node for node in record.findall("rdf:Description", NS)
                     if any(t.get(f"{{{NS['rdf']}}}resource", "").startswith(DCAT) for t in node.findall("rdf:type", NS))]
            about = [node.get(f"{{{NS['rdf']}}}about") for node in records + typed if "#" not in node.get(f"{{{NS['rdf']}}}about", "#")]
            assert about, etree.tostring(record)[:500]
            ids.append(about[0])
        distinct(f"data.gouv.fr, {schema}", matched, ids)
    ids, matched = [], 0
    for matched, record in pages("udata-iso", GMD, "gmd:MD_Metadata", "full", 25, UDATA):
        ids.append(identifier(record))
    distinct("data.gouv.fr, ISO 19139", matched, ids)


def owslib():
    """OWSLib reads every record in each schema, a page of 10 at a time."""
    client = CatalogueServiceWeb(URL, timeout=60)
    # The public address leads nowhere in a check.
    for operation in client.operations:
        for method in operation.methods:
            method["url"] = URL
    by = fes.SortBy([fes.SortProperty("dc:identifier", "ASC")])
    for schema in (CSW, GMD, DCAT, GEODCAT):
        seen, start, untitled = [], 1, 0
        while start:
            client.getrecords2(startposition=start, maxrecords=50, esn="full", outputschema=schema, typenames="csw:Record", sortby=by)
            seen += [key if schema in (CSW, GMD) else None for key in client.records]
            # It reads the imagery records (gmi:MI_Metadata) of a page only where the page has no other.
            answer = etree.fromstring(client.response)
            if schema == GMD and answer.find(".//gmd:MD_Metadata", NS) is not None:
                imagery = answer.findall(".//{http://www.isotc211.org/2005/gmi}MI_Metadata")
                seen += [identifier(record) for record in imagery]
            if schema in (CSW, GMD):
                for key, record in client.records.items():
                    title = record.title if schema == CSW else (record.identification[0].title if record.identification else None)
                    # Some owners give the title of their records as no text that OWSLib reads.
                    untitled += not title
            start = client.results["nextrecord"] if client.results["nextrecord"] <= client.results["matches"] else 0
            if not client.records:
                break
        print(f"OWSLib, {schema}: {len(seen)} of {client.results['matches']}, {untitled} without a title for it")
        assert untitled * 50 <= len(seen)
        if schema in (CSW, GMD):
            assert len(set(seen)) == client.results["matches"]


FOLDER.mkdir(parents=True, exist_ok=True)
geonetwork()
udata()
owslib()
