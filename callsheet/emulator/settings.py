"""Settings of the emulated provider, from flags, from a YAML file, or from a test."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from callsheet.dsl.yaml.nodes import to_data
from callsheet.dsl.yaml.reader import read_source, read_yaml
from callsheet.emulator.faults.fault import Fault, fault_from, parse_fault
from callsheet.errors import InputError


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Latency(Model):
    """Seconds that a model works, evenly spread from `min` to `max`."""

    min: float = Field(ge=0)
    max: float = Field(ge=0)


class Price(Model):
    """unit_price: USD. units: what one request bills (None: as the catalogue's formula says, else 1)."""

    unit_price: float = Field(ge=0)
    unit: str = "request"
    units: float | None = Field(None, ge=0)


class Retention(Model):
    """Seconds that results and files are kept; None is for good."""

    result: float | None = None
    media: float | None = None


class Listing(Model):
    """lag: seconds from a request's end to its first listing. ended_only: whether others stay out of it."""

    lag: float = 0.0
    ended_only: bool = True


class Keys(Model):
    """Keys that are refused (401), and those of locked accounts (403)."""

    refused: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()


class Mapped(Model):
    """What Hugging Face's model look-up says of a repository. endpoint: its name at the provider."""

    endpoint: str
    task: str
    provider: str = "fal-ai"
    status: Literal["live", "staging", "error"] = "live"


def _latency(value: object) -> object:
    return {"min": value, "max": value} if isinstance(value, int | float) else value


def _price(value: object) -> object:
    return {"unit_price": value} if isinstance(value, int | float) else value


def _fault(value: object) -> object:
    try:
        match value:
            case str():
                return parse_fault(value)
            case Mapping():
                return fault_from(value)
    except InputError as error:
        raise ValueError(f"{error.message}. {error.next_step}") from error
    return value


AnyLatency = Annotated[Latency, BeforeValidator(_latency)]
AnyPrice = Annotated[Price, BeforeValidator(_price)]
AnyFault = Annotated[Fault, BeforeValidator(_fault)]


Lifecycle = Literal["active", "deprecated", "unlisted"]


class Rule(Model):
    """What differs for some endpoints. lifecycle: what the list of models says of them."""

    latency: AnyLatency | None = None
    price: AnyPrice | None = None
    lifecycle: Lifecycle | None = None


class Settings(Model):
    """latency: seconds. concurrency: how many requests work at once. time_scale: 60 makes minutes seconds.
    clock_skew: seconds. endpoints: pattern → what differs; the first that matches counts. strict: whether
    endpoints outside the catalogue are refused and bodies are checked. tiny: one-second media of 64 pixels
    in place of the preview's. models: endpoints that no catalogue has → the one that each behaves like.
    balance: USD of credit that the account has left; None where it is not told."""

    latency: AnyLatency = Latency(min=0, max=0)
    price: AnyPrice | None = None
    endpoints: Mapping[str, Rule] = {}
    concurrency: int | None = Field(None, ge=1)
    time_scale: float = Field(1.0, gt=0)
    clock_skew: float = 0.0
    seed: int = 0
    tiny: bool = False
    strict: bool = True
    retention: Retention = Retention()
    listing: Listing = Listing()
    keys: Keys = Keys()
    hub: Mapping[str, Mapped] = {}
    models: Mapping[str, str] = {}
    balance: float | None = None
    faults: tuple[AnyFault, ...] = ()

    def latency_of(self, endpoint: str) -> Latency:
        found = (rule.latency for rule in self._rules(endpoint) if rule.latency)
        return next(found, self.latency)

    def price_of(self, endpoint: str) -> Price | None:
        found = (rule.price for rule in self._rules(endpoint) if rule.price)
        return next(found, self.price)

    def lifecycle_of(self, endpoint: str) -> Lifecycle | None:
        found = (rule.lifecycle for rule in self._rules(endpoint) if rule.lifecycle)
        return next(found, None)

    def _rules(self, endpoint: str) -> list[Rule]:
        return [rule for pattern, rule in self.endpoints.items() if fnmatchcase(endpoint, pattern)]


def settings_from(data: Mapping[str, Any], where: str = "the settings") -> Settings:
    """Checked settings; raises InputError with every mistake."""
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, e['loc'])) or 'all of it'}: {e['msg']}" for e in error.errors()]
        raise InputError(
            f"{where} cannot be used: " + "; ".join(problems), "docs/emulator.md lists every setting"
        ) from error


def read_settings(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file, not yet checked; raises InputError or PipelineError."""
    from callsheet.dsl.diagnostics.report import Report
    from callsheet.errors import PipelineError

    report = Report()
    source = read_source(path, report)
    root = read_yaml(source, report) if source else None
    if report.failed:
        raise PipelineError(report.sorted())
    data = to_data(root) if root else {}
    if not isinstance(data, dict):
        raise InputError(f"{path} is not a mapping of settings", "write lines like `latency: 2`")
    return data
