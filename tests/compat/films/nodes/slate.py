"""The node of crew.yaml."""

from callsheet.plugin import Image, Work


def slate(title: str, plate: Image, work: Work) -> Image:
    """The plate, with a title that nobody sees."""
    path = work.folder / "slate.png"
    path.write_bytes(plate.path.read_bytes() + title.encode())
    return Image(path)
