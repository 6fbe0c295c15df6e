"""Checks media on edges: their lengths, sizes and shapes against what the models accept."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from callsheet.dsl.check.media_totals import megabytes_of, over
from callsheet.dsl.check.narration import Narration, narrations, ports
from callsheet.dsl.check.source_map import SourceMap
from callsheet.dsl.check.static_facts import Instances, computed, in_order, known_parameters
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.graph import Instance, Unfit
from callsheet.errors import NodeError
from callsheet.spec.conform import problems
from callsheet.spec.media import FACTS, Artifact, Facts, Inspector
from callsheet.spec.node import Limits, Parameters
from callsheet.spec.rules import models as rules
from callsheet.spec.rules.rule import Problem
from callsheet.spec.values import Deferred, Ref, leaves


def check_edges(
    instances: Instances, source_map: SourceMap, inspector: Inspector | None, report: Report
) -> None:
    """Report what does not fit, using only facts that are certain before the run.

    instances: without a cycle.
    """
    concerned = [address for address, instance in instances.items() if _concerns(instance)]
    if not concerned:
        return
    edges = _Edges(instances, source_map, inspector)
    for address in in_order(instances, concerned):
        edges.see(instances[address])
    report.merge(edges.findings)
    for narration in narrations(instances, edges.certain):
        _warn(narration, instances[narration.voice], source_map, report)


def _concerns(instance: Instance) -> bool:
    """Whether facts of media can cause an error in this instance."""
    spec = instance.spec
    deferred = any(isinstance(value, Deferred) or _is_fact(value) for value in instance.params.values())
    return deferred or _limited(instance) or ports(spec) is not None


def _limited(instance: Instance) -> bool:
    """Whether what the instance accepts depends on facts of its media."""
    spec = instance.spec
    return bool(spec.accepts or spec.totals) or any(rule.facts for rule in spec.rules)


def _is_fact(value: object) -> bool:
    return isinstance(value, Ref) and value.path[-1] in FACTS


class _Edges:
    """certain: address → output → facts, of every instance seen so far."""

    def __init__(self, instances: Instances, source_map: SourceMap, inspector: Inspector | None) -> None:
        self.instances, self.source_map, self.inspector = instances, source_map, inspector
        self.certain: dict[str, Mapping[str, Facts]] = {}
        self.findings = Report()

    def see(self, instance: Instance) -> None:
        """Keep the certain facts of its outputs, and report parameters that do not fit."""
        probe = self._probed if _limited(instance) else _unprobed
        params = known_parameters(instance, self.instances, self.certain, probe)
        self.certain[instance.address] = instance.spec.determined(params)
        for name, problem in self._problems(instance, params):
            place = self.source_map.node(instance).places.get(name)
            if place is not None:
                findings = self.findings.within(*self.source_map.used(instance))
                findings.add(place, problem, instance.address)

    def _problems(self, instance: Instance, params: Parameters) -> Iterator[tuple[str, Problem]]:
        deferred = {name for name, v in instance.params.items() if isinstance(v, Deferred) or _is_fact(v)}
        for name in sorted(deferred):
            problem = self._deferred(instance, name, params)
            if problem is not None:
                yield name, problem
        for name, limits in instance.spec.accepts.items():
            for artifact in leaves(params.get(name), Artifact):
                yield from ((name, problem) for problem in _refused(limits, artifact.facts))
                yield from ((name, problem) for problem in _too_heavy(limits, artifact))
        yield from over(instance, params)
        for rule in instance.spec.rules:
            late = deferred.intersection(rule.parameters)
            if (late or rule.facts) and late <= params.keys() and rule.broken(params):
                name = next(n for n in rule.parameters if n in instance.params)
                yield name, rules.refused_by_model(rule.said(params), rule.help)

    def _probed(self, path: Path) -> Facts:
        """The facts of a local file; all unknown when it cannot be read."""
        try:
            return self.inspector.probe(path) if self.inspector else Facts()
        except (NodeError, OSError):
            return Facts()

    def _deferred(self, instance: Instance, name: str, params: Parameters) -> Problem | None:
        value = instance.params[name]
        if not isinstance(value, Deferred):
            found = problems(instance.spec.inputs[name], params[name]) if name in params else iter(())
            return next(found, None)
        try:
            computed(value, self.instances, self.certain)
        except Unfit as unfit:
            return unfit.problem
        return None


def _unprobed(_: Path) -> Facts:
    return Facts()


def _refused(limits: Limits, facts: Facts) -> Iterator[Problem]:
    """A problem for each limit of a parameter that a medium breaks."""
    seconds = facts.seconds
    if seconds is not None and limits.min_seconds is not None and seconds < limits.min_seconds:
        yield rules.medium_too_short(seconds, limits.min_seconds)
    if seconds is not None and limits.max_seconds is not None and seconds > limits.max_seconds:
        yield rules.medium_too_long(seconds, limits.max_seconds)
    if facts.fps and not (limits.min_fps or 0) <= facts.fps <= (limits.max_fps or math.inf):
        yield rules.wrong_rate(facts.fps, limits.min_fps, limits.max_fps)
    if facts.width and facts.height:
        yield from _wrong_size(limits, (facts.width, facts.height))


def _too_heavy(limits: Limits, artifact: Artifact) -> Iterator[Problem]:
    """Whether a file of the user's has more bytes than the parameter takes."""
    if limits.max_megabytes is None:
        return
    megabytes = megabytes_of(artifact)
    if megabytes > limits.max_megabytes:
        yield rules.file_too_heavy(megabytes, limits.max_megabytes)


def _wrong_size(limits: Limits, size: tuple[int, int]) -> Iterator[Problem]:
    """size: width and height, pixels."""
    lower = (limits.min_width or 0, limits.min_height or 0)
    upper = (limits.max_width or math.inf, limits.max_height or math.inf)
    if size[0] < lower[0] or size[1] < lower[1]:
        yield rules.picture_below(size, lower)
    if size[0] > upper[0] or size[1] > upper[1]:
        yield rules.picture_above(size, upper)
    if limits.min_side is not None and min(size) < limits.min_side:
        yield rules.picture_too_small(size, limits.min_side)
    if limits.max_side is not None and max(size) > limits.max_side:
        yield rules.picture_too_large(size, limits.max_side)
    shape = size[0] / size[1]
    if limits.min_aspect is not None and shape < limits.min_aspect:
        yield rules.picture_too_narrow(size, limits.min_aspect)
    if limits.max_aspect is not None and shape > limits.max_aspect:
        yield rules.picture_too_wide(size, limits.max_aspect)


def _warn(narration: Narration, voice: Instance, source_map: SourceMap, report: Report) -> None:
    node = source_map.node(voice)
    place = node.places.get(voice.spec.speech, node.decl.uses.span)
    report.add(
        place, rules.speech_too_long(narration.words, narration.spoken, narration.shot, narration.seconds)
    )
