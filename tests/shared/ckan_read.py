#!/usr/bin/env python3
"""ckan_read.py FILE...: one JSON line a dataset, with every field that ckanext-dcat's own parser reads from the files."""
import json, sys, warnings

warnings.filterwarnings("ignore")
from ckan.common import config

config.update({"ckan.site_url": "http://localhost", "ckan.locale_default": "fr", "ckan.locales_offered": "fr en", "ckan.plugins": ""})
config.update({"ckanext.dcat.compatibility_mode": False, "ckanext.dcat.normalize_ckan_format": False})
import ckan.plugins.toolkit as toolkit

toolkit.asbool
import ckanext.dcat.processors as processors
from ckanext.dcat.profiles.euro_dcat_ap_3 import EuropeanDCATAP3Profile
from rdflib.util import guess_format

processors.RDFProcessor._load_profiles = lambda self, names: [EuropeanDCATAP3Profile]
for name in sys.argv[1:]:
    form = "xml" if name.endswith((".xml", ".rdf")) else "json-ld" if name.endswith(("json", "jsonld")) else guess_format(name)
    try:
        parser = processors.RDFParser(profiles=["x"])
        parser.parse(open(name, encoding="utf-8").read(), _format=form)
        for dataset in parser.datasets():
            for resource in dataset.get("resources", []):
                resource.pop("distribution_ref", None)
            print(json.dumps({"file": name, "dataset": dataset}, ensure_ascii=False, default=str))
    except Exception as error:
        print(json.dumps({"file": name, "error": str(error).split("\n")[0][:200]}, ensure_ascii=False))
