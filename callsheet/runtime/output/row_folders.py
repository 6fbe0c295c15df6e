"""The results of a batch: out/<film>/rows/<row>/ has the results of that row, under the names that they have
where one film is made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from threading import RLock

from callsheet.dsl.address import elements, node_of, without_first_key
from callsheet.dsl.graph import Graph, Instance
from callsheet.errors import InputError, StoreError
from callsheet.runtime.graph.arguments import Results
from callsheet.runtime.output.file_names import Names, file_name
from callsheet.runtime.output.layout import Layout
from callsheet.runtime.output.out_folder import OutFolder
from callsheet.runtime.output.owned_folder import OwnedFolder
from callsheet.runtime.output.provenance.history import History
from callsheet.runtime.output.slating import Slating


class RowFolders:
    """The folders of the rows of a batch, each made when its row has a first result. It is used like an
    `OutFolder`."""

    def __init__(self, out: Path, history: History, whole: Graph, slating: Slating | None = None) -> None:
        """Create the folder of the batch and test it. whole: the graph that `history.graph` was chosen from.

        Raises InputError if no file can be written there.
        """
        self.graph = history.graph
        layout = Layout.of(out, history.graph.name, history.preview, history.graph.section.profile)
        self._outputs = OwnedFolder(layout.top, out)
        self._outputs.belong_to(history.graph.path)
        self._out, self._history, self._slating = out, history, slating
        self._folders: dict[str, OutFolder] = {}
        self._names = folders_of_rows(whole)
        self._rows = _Rows(whole)
        self._lock = RLock()

    def grow(self, graph: Graph, whole: Graph) -> None:
        """Reserve names for the instances and outputs of a graph that has more of them now."""
        with self._lock:
            self.graph = self._history.graph = graph
            for row in self._rows.grow(whole) & self._folders.keys():
                self._folders[row].grow(graph, self._rows.graph(row))

    def place(
        self, instance: Instance, outputs: Mapping[str, object], key: str, results: Results
    ) -> tuple[Path, ...]:
        """Write the media of one instance into the folder of its row, like `OutFolder.place`."""
        return self._folder(instance.key[0]).place(instance, outputs, key, results)

    def publish(self, name: str, tree: object, value: object) -> object:
        """Write an output of one row, `film["dawn"]`, like `OutFolder.publish`."""
        return self._folder(elements(name)[0]).publish(node_of(name), tree, value)

    @property
    def notes(self) -> tuple[str, ...]:
        """What to tell of files that callsheet did not write."""
        return tuple(note for folder in self._folders.values() for note in folder.notes)

    def files(self) -> list[Path]:
        """Every file that was written or found so far."""
        return [file for folder in self._folders.values() for file in folder.files()]

    def close(self, complete: bool) -> None:
        """After a complete run, remove files of earlier runs from the folders of these rows. The folders of
        other rows stay. Raises StoreError."""
        for folder in self._folders.values():
            folder.close(complete)

    def _folder(self, row: str) -> OutFolder:
        with self._lock:
            if row not in self._folders:
                whole, name = self._rows.graph(row), self._names[row]
                self._folders[row] = self._opened(whole, name)
            return self._folders[row]

    def _opened(self, whole: Graph, name: str) -> OutFolder:
        try:
            return OutFolder(self._out, self._history, whole, self._slating, name)
        except InputError as error:  # in the middle of a run
            raise StoreError(error.message, error.next_step) from error


class _Rows:
    """The graph of a batch, taken apart into those of its rows, whose names do not have the row in them."""

    def __init__(self, whole: Graph) -> None:
        self._instances: dict[str, dict[str, Instance]] = defaultdict(dict)
        self._outputs: dict[str, dict[str, object]] = defaultdict(dict)
        self._known: set[str] = set()
        self._whole = whole
        self.grow(whole)

    def grow(self, whole: Graph) -> set[str]:
        """Take in a graph that has more instances and outputs now. Returns the rows that have grown."""
        self._whole, grown = whole, set()
        for address, instance in whole.instances.items():
            if address not in self._known:
                self._instances[instance.key[0]][address] = _alone(instance)
                grown.add(instance.key[0])
        for name, tree in whole.outputs.items():
            if name not in self._known:
                self._outputs[elements(name)[0]][node_of(name)] = tree
                grown.add(elements(name)[0])
        self._known |= whole.instances.keys() | whole.outputs.keys()
        return grown

    def graph(self, row: str) -> Graph:
        """The film of one row: its instances by their addresses in the batch, named as if it were alone."""
        return replace(self._whole, instances=dict(self._instances[row]), outputs=dict(self._outputs[row]))


def _alone(instance: Instance) -> Instance:
    """An instance of a batch with the name, key and place that it has in the film of its row."""
    return replace(
        instance,
        address=without_first_key(instance.address),
        key=instance.key[1:],
        axes=instance.axes[1:],
        point=instance.point[1:],
    )


def folders_of_rows(whole: Graph) -> dict[str, str]:
    """Row → the name of its folder."""
    names = Names()
    return {row: names.claim(file_name(row), owner=row) for row in whole.rows}


def result_folder(
    out: Path, history: History, whole: Graph, slating: Slating | None
) -> OutFolder | RowFolders:
    """Where the results of a run go; the parameters are those of `OutFolder`.

    Raises InputError if no file can be written there.
    """
    if whole.rows:
        return RowFolders(out, history, whole, slating)
    return OutFolder(out, history, whole, slating)
