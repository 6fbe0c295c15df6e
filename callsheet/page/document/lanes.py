"""The instances in lanes: shots are rows, stages are columns."""

from __future__ import annotations

from dataclasses import dataclass

from callsheet.page.document.fields import Json, kept


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the lanes. title: of the shot, or of an element of another axis; "" for what belongs to the
    whole film. axis: what it is an element of. main: whether it is a shot."""

    title: str
    axis: str = ""
    main: bool = False

    def to_json(self) -> Json:
        """As JSON values."""
        return kept(title=self.title, axis=self.axis, main=self.main or None)


@dataclass(frozen=True, slots=True)
class Lanes:
    """Where each instance is in the lanes: shots are rows, stages are columns. columns: their titles. places:
    for each instance, in order, its row and column; takes of an instance share a place."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    places: tuple[tuple[int, int], ...]

    def to_json(self) -> Json:
        """As JSON values."""
        return {
            "columns": list(self.columns),
            "rows": [row.to_json() for row in self.rows],
            "places": [list(place) for place in self.places],
        }
