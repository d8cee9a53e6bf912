"""Nodes of a CASE/UCO graph: ids, references and typed values are set here."""

from __future__ import annotations

from typing import Any

from impound.writers._whose import Whose

Node = dict[str, Any]
CONTEXT = {
    "kb": "http://example.org/kb/",
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-tool": "https://ontology.unifiedcyberontology.org/uco/tool/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def node(case: Whose, kind: str, *key: object, **words: Any) -> Node:
    """A node of a kind; ``key`` is what it is within the case, and makes its id."""
    return {"@id": id_of(case, *key), "@type": kind, **words}


def id_of(case: Whose, *key: object) -> str:
    """The id of what the key names: the same whenever it is written."""
    return f"kb:{str(key[0]).replace(' ', '-')}-{case.id('case_uco', *key)}"


def ref(case: Whose, *key: object) -> Node:
    """A reference to what the key names."""
    return {"@id": id_of(case, *key)}


def typed(kind: str, value: object) -> Node:
    """A value of a type of XML Schema."""
    return {"@type": f"xsd:{kind}", "@value": str(value)}


def content(case: Whose, key: object, sha256: str) -> Node:
    """The facet that says by its SHA-256 what something holds."""
    digest = {"@id": id_of(case, "hash", key), "@type": "uco-types:Hash", "uco-types:hashMethod": "SHA256",
              "uco-types:hashValue": typed("hexBinary", sha256)}  # fmt: skip
    return {"@id": id_of(case, "content", key), "@type": "uco-observable:ContentDataFacet",
            "uco-observable:hash": [digest]}  # fmt: skip
