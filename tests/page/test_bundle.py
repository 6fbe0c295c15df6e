"""Modules joined into one script."""

import pytest

from callsheet.page.bundle import bundle
from callsheet.page.html import assets


def test_each_module_comes_once_before_what_imports_it():
    modules = {
        "a.js": 'import { b } from "./b.js";\nimport { c } from "./c.js";\nb(c);',
        "b.js": 'import { c } from "./c.js";\nexport function b() {\n  return c;\n}',
        "c.js": "export const c = 1;",
    }
    script = bundle("a.js", modules)
    places = [script.index(f'modules["{name}"] = ') for name in ("c.js", "b.js", "a.js")]
    assert places == sorted(places) and script.count('modules["c.js"] = ') == 1
    assert "return { b };" in script and "export" not in script and "import" not in script


@pytest.mark.parametrize(
    ("modules", "said"),
    [
        ({"a.js": 'import { b } from "./b.js";'}, "no module b.js"),
        ({"a.js": 'import { a } from "./a.js";\nexport const a = 1;'}, "circle"),
        ({"a.js": "export default 1;"}, "this form is not joined"),
        ({"a.js": 'import * as b from "./b.js";', "b.js": ""}, "this form is not joined"),
    ],
)
def test_what_cannot_be_joined_is_said(modules: dict[str, str], said: str):
    with pytest.raises(ValueError, match=said):
        bundle("a.js", modules)


def test_the_modules_of_the_page_are_joined():
    script = bundle("report.js", assets())
    for name in assets():
        if name.endswith(".js"):
            assert script.count(f'modules["{name}"] = ') == 1, f"{name} is imported by nothing"
