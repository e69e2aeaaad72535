"""For developers: gather the Chinese words of the console and bring the catalogues up to date.

`python -m huoshui.web.console.collect` adds what is new to `locale/*/django.po`, drops what is gone, and
fills traditional Chinese by OpenCC where nobody has written it by hand. English is written by hand; what
still lacks it is listed, and the command fails.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import django
from babel.messages import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po

from huoshui.core.errors import HuoshuiError
from huoshui.web.console.i18n import LOCALE, compile_catalogues

HERE = Path(__file__).parent
GUIDE = HERE.parent / "guide"
KEYWORDS: dict[str, None] = dict.fromkeys(("_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"))
# What other rooms say when they raise these, where it is a plain sentence
REFUSALS: dict[str, None] = dict.fromkeys(("Refused", "FileRefused", "NotFound"))
# Rooms whose expected failures reach a screen; those of the others reach the command line
SPOKEN = (
    "huoshui.core.errors",
    "huoshui.core.approvals",
    "huoshui.intake",
    "huoshui.people",
    "huoshui.trade",
    "huoshui.engage",
    "huoshui.insight",
)
LANGUAGES = ("en", "zh_Hant")
Words = str | tuple[str, str]


def gathered() -> Catalog:
    found: dict[Words, set[str]] = {}
    for path in sorted(p for at in (HERE, GUIDE) for form in ("*.py", "*.html") for p in at.rglob(form)):
        if "tests" not in path.parts and path.name not in {"collect.py", "i18n.py"}:
            for words in _in_file(path):
                found.setdefault(words, set()).add(
                    path.relative_to(HERE if HERE in path.parents else HERE.parent).as_posix()
                )
    for words, place in _of_other_rooms():
        found.setdefault(words, set()).add(place)
    catalogue = Catalog(project="Huoshui", charset="utf-8", fuzzy=False)
    for words, places in found.items():
        catalogue.add(words, locations=[(place, 1) for place in sorted(places)])
    return catalogue


def _in_file(path: Path, keywords: dict[str, None] = KEYWORDS) -> Iterator[Words]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        from django.utils.translation.template import templatize

        # Everything but the words is blanked out; in one pair of brackets the rest needs no indentation.
        text = f"({templatize(text)}\n)"
    found = extract_python(io.BytesIO(text.encode()), keywords, (), {"encoding": "utf-8"})
    for _line, _function, words, _comments in found:
        if isinstance(words, str):
            yield words
        elif isinstance(words, tuple) and isinstance(words[0], str) and isinstance(words[1], str):
            yield words[0], words[1]


def _of_other_rooms() -> Iterator[tuple[str, str]]:
    """Names of fields, identifiers, attributes and tiers, which screens show and their own rooms define."""
    from django.urls import get_resolver

    from huoshui.intake.imports.api import FORMATS
    from huoshui.intake.imports.api import KINDS as KINDS_OF_TABLE
    from huoshui.people.api import ATTRIBUTE_LABELS, KINDS
    from huoshui.web.console.retell import patterns

    # Which failures and sentences exist is known once every room that a page or a door leads to has been imported
    _ = get_resolver().url_patterns
    for pattern in patterns():
        yield pattern, "retell"
    for error in _errors(HuoshuiError):
        yield error.__doc__ or "", "errors"
    for kind in KINDS.values():
        yield kind.label, "people/identity"
        if kind.ended:
            yield kind.ended, "people/identity"
    for label in ATTRIBUTE_LABELS.values():
        yield label, "people/profiles"
    # The tiers an installation begins with; a brand's own names are shown as it wrote them.
    for tier in ("普通会员", "银卡会员", "金卡会员", "钻石会员"):
        yield tier, "engage/loyalty"
    for room in ("intake", "people", "brand", "engage", "insight"):
        for path in sorted(HERE.parents[1].joinpath(room).rglob("*.py")):
            if "tests" not in path.parts:
                for words in _in_file(path, REFUSALS):
                    if isinstance(words, str):
                        yield words, room
    folder = resources.files("huoshui.intake.files").joinpath("catalogue")
    for form in FORMATS:
        yield form.label, "intake/files"
        if form.note:
            yield form.note, "intake/files"
    for name in KINDS_OF_TABLE:
        data = tomllib.loads(folder.joinpath(f"{name}.toml").read_text(encoding="utf-8"))
        yield data["label"], "intake/files"
        for field in data["field"]:
            yield field["label"], "intake/files"


def _errors(base: type[HuoshuiError]) -> Iterator[type[HuoshuiError]]:
    """The docstring of an expected failure is what the user reads."""
    for error in base.__subclasses__():
        if error.__module__.startswith(SPOKEN):
            yield error
        yield from _errors(error)


def update(language: str, words: Catalog) -> list[str]:
    """Merge into one language's catalogue. Returns the messages that nobody has translated."""
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = read_po(path.open("rb"), locale=language) if path.exists() else Catalog(locale=language)
    kept.project, kept.fuzzy, kept.header_comment = "Huoshui", False, f"# {language}, Huoshui console."
    kept.update(words, no_fuzzy_matching=True)
    kept.obsolete.clear()
    if language == "zh_Hant":
        _convert(kept)
    if language == "en":
        from huoshui.insight.api import SAID

        # insight says these in English by itself; here they only keep the catalogue whole
        for message in kept:
            if message.id in SAID and not message.string:
                message.string = SAID[str(message.id)]
    po = io.BytesIO()
    # One line per message and no dates, so that two people's changes merge
    write_po(po, kept, width=0, sort_output=True, ignore_obsolete=True, include_lineno=False)
    _write(path, _without_dates(po.getvalue().decode()))
    return [
        str(m.id) for m in kept if m.id and not (all(m.string) if isinstance(m.string, tuple) else m.string)
    ]


def _convert(catalogue: Catalog) -> None:
    from opencc import OpenCC  # type: ignore[import-untyped]  # ships no types

    # Words as Taiwan uses them, then the few that this trade says otherwise
    converter = OpenCC("s2twp")

    def convert(text: str) -> str:
        said: str = converter.convert(text)
        return said.replace("賬", "帳")

    for message in catalogue:
        if not message.id:
            continue
        if isinstance(message.id, tuple):
            message.string = tuple(
                said or convert(message.id[0]) for said in (message.string or ("",) * catalogue.num_plurals)
            )
        elif not message.string and isinstance(message.id, str):
            message.string = convert(message.id)


def _without_dates(text: str) -> str:
    dated = ('"POT-Creation-Date', '"PO-Revision-Date', '"Generated-By', '"Last-Translator', '"Language-Team')
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(dated))


def _write(path: Path, text: str) -> None:
    """At once: whoever gathers at the same time must not take a half-written catalogue for one without translations."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="utf-8", delete=False) as written:
        written.write(text)
    done = Path(written.name)
    done.chmod(0o644)
    done.replace(path)


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")
    django.setup()
    # Gathered anew for each: a catalogue takes the messages it is updated from as its own
    missing = {language: update(language, gathered()) for language in LANGUAGES}
    compile_catalogues()
    for language, messages in missing.items():
        for message in messages:
            print(f"{language}: {message}")
    return 1 if any(missing.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
