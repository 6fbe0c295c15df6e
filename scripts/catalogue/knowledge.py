"""Hand knowledge: one YAML file per model family → complete records, with their drift from published types.

A file holds `sets` (named groups of parameters), `rules` (named cross-field rules) and `endpoints`. The
`inputs` of an endpoint are parameters, or a list of set names and parameters; `extends` takes another
endpoint's record first. An endpoint without inputs keeps the generated ones and adds its own facts to them.
`types: page` keeps the parameters of the page as they are, whatever newer types say. `models.jsonl` holds
facts of many more endpoints (see `model_facts`); they complete what the files say, and never replace a price
that a page states.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from merge import allowed, defaults_in, inputs, limited, totals, untyped
from newer import newer

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.yaml.nodes import to_data
from callsheet.dsl.yaml.reader import read_source, read_yaml
from callsheet.nodes.catalogue.fields import fields_of
from callsheet.spec.roles import infer_roles

Data = dict[str, Any]
READ = "2026-11-21"
OWN = ("status", "replaced_by", "gone")
COMPARED = ("type", "enum", "default", "required")
BEHIND = 900
"""The rank of what is known by hand and not among the most used."""
ALWAYS = ("inputs", "outputs")
NOT_KEPT = ("extends", "inputs", "outputs", "page", "types")
KNOWN_KEYS = {*OWN, *NOT_KEPT, "task", "makes", "price", "rules", "aliases"}


class KnowledgeError(ValueError):
    """A knowledge file says something that cannot be a record."""


def records_of(folder: Path, generated: Mapping[str, Data], facts: Mapping[str, Data]) -> list[Data]:
    """Every record of the knowledge files in `folder` and of the facts, sorted by endpoint."""
    found: dict[str, Data] = {}
    for path in sorted(folder.glob("*.yaml")):
        for record in Family(load(path), generated).records():
            if record["endpoint"] in found:
                raise KnowledgeError(f"{path.name}: {record['endpoint']} is described twice")
            found[record["endpoint"]] = record
    known = {*found, *generated, *facts}
    facts = facts | written_otherwise(facts, generated)
    generated = generated | written_otherwise(generated, facts)
    whole = {e: completed(e, found.get(e), generated.get(e), facts.get(e, {})) for e in {*found, *facts}}
    for record in whole.values():
        check_replacement(record, known)
    return [whole[key] for key in sorted(whole)]


def written_otherwise(known: Mapping[str, Data], others: Iterable[str]) -> dict[str, Data]:
    """What is known of those of `others` that one source writes with other capitals, such as `v2.2-a14B`."""
    by_form = {endpoint.lower(): data for endpoint, data in known.items()}
    missing = [e for e in others if e.lower() in by_form and e not in known]
    found = {e: {**by_form[e.lower()], "endpoint": e} for e in missing}
    return {e: {k: v for k, v in data.items() if k != "rank"} for e, data in found.items()}


def facts_in(folder: Path) -> tuple[Data, dict[str, Data]]:
    """(what they have in common, endpoint → facts) of `models.jsonl`."""
    head, *lines = map(json.loads, (folder / "models.jsonl").read_text("utf-8").splitlines())
    return head, {line["endpoint"]: line for line in lines}


def completed(endpoint: str, hand: Data | None, types: Data | None, fact: Data) -> Data:
    """The record of an endpoint from all that is known of it."""
    if types and not types["inputs"] and fact.get("task"):
        types = None
    record = dict(hand or {k: v for k, v in (types or {}).items() if k != "last_seen"})
    if not record:
        record = {"endpoint": endpoint, "task": fact["task"], "open": True, "source": fact_source(fact)}
        record["inputs"], record["outputs"] = untyped(fact)
    elif hand is None:
        record["types_of"] = (types or {}).get("last_seen", "")
    fixed = record.pop("types", "") == "page"
    if hand is not None and types is not None and not fixed:
        roles = infer_roles(fields_of(types["inputs"]), record["task"])
        record["inputs"] = inputs(record["inputs"], types["inputs"], roles)
    if not fixed:
        record["inputs"] = limited(record["inputs"], fact.get("media", {}))
        if not record.get("open"):
            record["inputs"] = allowed(record["inputs"], fact.get("allows", {}), fixed)
        record["makes"] = {**fact.get("makes", {}), **record.get("makes", {})}
        record["totals"] = totals(fact.get("media", {}))
    record["no_file"] = hexadecimal(record)
    record["price"] = priced(endpoint, record.get("price"), fact)
    record |= lifecycle(record, fact)
    if (hand or types) and (told := newer(fact, hand, types)):
        record["drift"] = {**record.get("drift", {}), "newer_facts": told}
    if hand is not None:
        record["rank"] = BEHIND
    record |= {key: fact[key] for key in ("rank", "sources", "confidence", "disagrees") if key in fact}
    return {key: value for key, value in record.items() if value not in (None, [], {}, "") or key in ALWAYS}


def hexadecimal(record: Data) -> Data:
    """The sounds that a model gives as text in hex, unless it is asked for a URL (page of MiniMax speech)."""
    form = record["inputs"].get("output_format", {})
    if not {"url", "hex"} <= set(form.get("enum", ())):
        return {}
    return {
        name: {"output_format": "hex"} for name, made in record["outputs"].items() if made["type"] == "audio"
    }


def fact_source(fact: Data) -> str:
    return f"{', '.join(fact['sources'])}, {fact['date']}"


def priced(endpoint: str, hand: Data | None, fact: Data) -> Data | None:
    """The price rule: a page's where it names a price, else that of the facts."""
    if hand and any(rate.get("usd") is not None for rate in hand.get("rates", ())):
        return hand
    if "price" not in fact:
        return hand
    defaults = {**defaults_in(fact.get("allows", {})), **fact.get("defaults", {})}
    rule = {**fact["price"], "source": f"https://fal.ai/models/{endpoint}", "date": fact["date"]}
    return rule | ({"defaults": defaults} if defaults else {})


def lifecycle(record: Data, fact: Data) -> Data:
    """Retired needs a source; what left the provider's list says so."""
    if fact.get("listed"):
        return {"status": None, "replaced_by": None}
    if fact.get("status") == "retired":
        return {"status": "retired", "replaced_by": fact.get("replaced_by", record.get("replaced_by"))}
    return {"gone": fact.get("gone", record.get("gone"))}


def load(path: Path) -> Data:
    """The file as plain data, read with the YAML rules of the language (`16:9` is text)."""
    report = Report()
    source = read_source(path, report)
    node = read_yaml(source, report) if source else None
    if node is None or report.found:
        raise KnowledgeError(f"{path.name}: " + "; ".join(d.message for d in report.found.values()))
    data = to_data(node)
    if not isinstance(data, dict):
        raise KnowledgeError(f"{path.name}: a knowledge file is a mapping")
    return data


class Family:
    """One knowledge file."""

    def __init__(self, data: Data, generated: Mapping[str, Data]) -> None:
        self.sets, self.rules = data.get("sets", {}), data.get("rules", {})
        self.endpoints, self.generated = data["endpoints"], generated
        self.provider = data.get("provider", "fal")

    def records(self) -> Iterator[Data]:
        for endpoint in self.endpoints:
            yield self.record(endpoint)

    def record(self, endpoint: str) -> Data:
        given = self.endpoints[endpoint]
        if unknown := set(given) - KNOWN_KEYS:
            raise KnowledgeError(f"{endpoint}: unknown keys {sorted(unknown)}")
        base = self.base(endpoint, given)
        own = {key: value for key, value in given.items() if key not in NOT_KEPT}
        record = base | own | {"endpoint": endpoint, "inputs": base.get("inputs", {}) | self.inputs(given)}
        if "outputs" in given:
            record["outputs"] = {n: field(f) for n, f in self.merged(given["outputs"]).items()}
        record["rules"] = [r if isinstance(r, dict) else self.rules[r] for r in record.get("rules", ())]
        return finished(record, given, self.provider, self.generated.get(endpoint))

    def base(self, endpoint: str, given: Data) -> Data:
        if "extends" in given:
            return {k: v for k, v in self.record(given["extends"]).items() if k not in OWN}
        if "inputs" in given:
            return {}
        return dict(self.generated[endpoint])

    def inputs(self, given: Data) -> Data:
        return {name: field(f) for name, f in self.merged(given.get("inputs", {})).items()}

    def merged(self, parts: Any) -> Data:
        """Named sets and parameters in place, in their order."""
        merged: Data = {}
        for part in parts if isinstance(parts, list) else [parts]:
            merged |= self.sets[part] if isinstance(part, str) else part
        return merged


def field(data: Any) -> Data:
    """A field in full: `integer` and `list[image]` written out, the type of an enum from its values."""
    if isinstance(data, str):
        return typed(data)
    full = {key: value for key, value in data.items() if key not in ("type", "item", "fields", "any")}
    if "enum" in data:
        return {"type": "string" if isinstance(data["enum"][0], str) else "integer", **full}
    if "fields" in data:
        return {"type": "record", "fields": {n: field(f) for n, f in data["fields"].items()}, **full}
    if "any" in data:
        return {"type": "any", "any": [field(option) for option in data["any"]], **full}
    if "item" in data:
        return {"type": "list", "item": field(data["item"]), **full}
    return typed(data["type"]) | full


def typed(name: str) -> Data:
    if name.endswith("?"):
        return typed(name[:-1]) | {"optional": True}
    if name.startswith("list["):
        return {"type": "list", "item": typed(name[5:-1])}
    return {"type": name}


def finished(record: Data, given: Data, provider: str, types: Data | None) -> Data:
    """The record with its source, its provider and what differs from the published types."""
    page = given.get("page", f"https://fal.ai/models/{record['endpoint']}")
    if "inputs" in given or "extends" in given:
        record["source"] = f"{page}, read {READ}"
    if record.get("price"):
        record["price"] = {**record["price"], "source": page, "date": READ}
    if provider != "fal":
        record["provider"] = provider
    if types and (differences := drift(record["inputs"], types["inputs"])):
        record["drift"] = differences
    if "types" in given:
        record["types"] = given["types"]
    check_rules(record)
    return {key: value for key, value in record.items() if value not in (None, [], {}) or key == "inputs"}


def drift(known: Data, types: Data) -> Data:
    """Parameters that only one side has, and those that both have and describe differently."""
    shared = [name for name in known if name in types]
    found = {
        "not_in_types": sorted(set(known) - set(types)),
        "only_in_types": sorted(set(types) - set(known)),
        "different": sorted(name for name in shared if compared(known[name]) != compared(types[name])),
    }
    return {key: names for key, names in found.items() if names}


def compared(data: Data) -> list[Any]:
    """What counts in a comparison; TypeScript knows no integers, and `false` is often left unsaid."""
    values = {key: data.get(key) for key in COMPARED}
    values["type"] = "number" if values["type"] == "integer" else values["type"]
    values["enum"] = sorted(map(str, values["enum"])) if values["enum"] else None
    values["default"] = values["default"] or None
    return list(values.values())


def check_rules(record: Data) -> None:
    for rule in record["rules"]:
        if missing := set(rule["when"]) - set(record["inputs"]):
            raise KnowledgeError(f"{record['endpoint']}: a rule names unknown {sorted(missing)}")


def check_replacement(record: Data, known: set[str]) -> None:
    if record.get("replaced_by", next(iter(known))) not in known:
        raise KnowledgeError(f"{record['endpoint']}: its replacement {record['replaced_by']} does not exist")
