#!/usr/bin/env python3
"""iso_valid.py [--made BASE] SCHEMAS FILE...: whether files are valid ISO 19139 (2007-04-17, GML 3.2.1, srv of 2006-05-04).
SCHEMAS is the folder of pycsw's environment that has plugins/profiles/apiso/schemas. Each file may hold one record, or an answer with many; with --made, only those
are judged whose dataSetURI begins with this address."""
import collections, os, shutil, sys, tempfile
from lxml import etree

GMD = "{http://www.isotc211.org/2005/gmd}MD_Metadata"
DRIVER = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:x" elementFormDefault="qualified">
<xs:import namespace="http://www.isotc211.org/2005/gmd" schemaLocation="gmd/gmd.xsd"/>
<xs:import namespace="http://www.isotc211.org/2005/gmx" schemaLocation="gmx/gmx.xsd"/>
<xs:import namespace="http://www.isotc211.org/2005/srv" schemaLocation="srv/srv.xsd"/></xs:schema>"""


def schema(pycsw):
    """The services' schemas are of 2006, and import the others by relative paths: beside those of 2007 they are of one kind."""
    work = tempfile.mkdtemp()
    try:
        tree = os.path.join(work, "pycsw")
        iso = os.path.join("plugins", "profiles", "apiso", "schemas", "ogc", "iso", "19139")
        shutil.copytree(os.path.join(pycsw, "core", "schemas"), os.path.join(tree, "core", "schemas"))
        shutil.copytree(os.path.join(pycsw, iso, "20070417"), os.path.join(tree, iso, "20070417"))
        shutil.copytree(os.path.join(pycsw, iso, "20060504", "srv"), os.path.join(tree, iso, "20070417", "srv"))
        driver = os.path.join(tree, iso, "20070417", "driver.xsd")
        with open(driver, "w") as file:
            file.write(DRIVER)
        return etree.XMLSchema(etree.parse(driver, etree.XMLParser(no_network=True)))
    finally:
        shutil.rmtree(work)


def is_made(record, base):
    uri = record.findtext("{http://www.isotc211.org/2005/gmd}dataSetURI/{http://www.isotc211.org/2005/gco}CharacterString") or ""
    return base is None or uri.startswith(base)


def main():
    arguments = sys.argv[1:]
    base = None
    if arguments[0] == "--made":
        base, arguments = arguments[1], arguments[2:]
    judge = schema(arguments[0])
    records = wrong = 0
    kinds = collections.Counter()
    for path in arguments[1:]:
        root = etree.parse(path).getroot()
        found = [root] if root.tag == GMD else list(root.iter(GMD))
        for record in (record for record in found if is_made(record, base)):
            records += 1
            # Alone: identifiers are unique within a record, not within an answer.
            if not judge.validate(etree.fromstring(etree.tostring(record))):
                wrong += 1
                for error in judge.error_log:
                    kinds[error.message[:230]] += 1
                    if kinds[error.message[:230]] == 1:
                        print(f"{path}:{error.line}: {error.message[:400]}")
    print(f"{records} records, {wrong} not valid")
    for message, count in kinds.most_common(20):
        print(f"  {count:5} {message}")
    sys.exit(1 if wrong or not records else 0)


main()
