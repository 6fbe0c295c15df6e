"""XML from anybody as a tree, without what makes XML dangerous: declarations, entities, other files.

The parser is expat of Python's standard library, told to refuse these. It says where in the file they are,
and counts depth and elements, which packages for this purpose do not.
"""

from __future__ import annotations

from typing import Final, NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from callsheet.dsl.cuts.edit import NotAnEdit

DEEPEST: Final = 100
MOST_ELEMENTS: Final = 4_000_000
AGAIN: Final = "export the timeline again"


def parsed_xml(data: bytes) -> Element:
    """The root of a document. Raises NotAnEdit, with the place, for what is no XML, for a document type with
    declarations, and for what is nested too deeply."""
    return _Parser(data).root()


class _Parser:
    def __init__(self, data: bytes) -> None:
        self.data, self.depth, self.count = data, 0, 0
        self.builder = TreeBuilder()
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self.builder.data
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._entity
        self.parser.ExternalEntityRefHandler = self._entity

    def root(self) -> Element:
        """Raises NotAnEdit."""
        try:
            self.parser.Parse(self.data, True)
        except expat.ExpatError as error:
            self._refuse(f"it is no XML: {expat.ErrorString(error.code)}")
        except (LookupError, ValueError) as error:
            self._refuse(f"it is no XML: {error}")
        return self.builder.close()

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.count += 1
        if self.depth > DEEPEST:
            self._refuse("it is nested too deeply")
        if self.count > MOST_ELEMENTS:
            self._refuse(f"it has more than {MOST_ELEMENTS:,} elements")
        self.builder.start(tag, attributes)

    def _end(self, tag: str) -> None:
        self.depth -= 1
        self.builder.end(tag)

    def _doctype(self, _: str, system: str | None, public: str | None, has_declarations: bool) -> None:
        if has_declarations or system or public:
            self._refuse("it declares a document type, which may name other files and is not read")

    def _entity(self, *_: object) -> NoReturn:
        self._refuse("it declares entities, which are not read")

    def _refuse(self, message: str) -> NoReturn:
        place = max(0, self.parser.ErrorByteIndex, self.parser.CurrentByteIndex)
        offset = len(self.data[:place].decode("utf-8-sig", "replace"))
        raise NotAnEdit(message, AGAIN, offset) from None
