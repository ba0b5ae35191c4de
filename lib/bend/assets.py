"""What a widget loads: its scripts and its style sheets, each joined into one text."""

from pathlib import Path

ROOT = Path(__file__).parent
# The scripts that every widget begins with.
COMMON = ("static/elements.js", "static/wire.js")
# The script that fetches the others.
LOADER = "static/loader.js"


def joined(paths):
    """The files, named from this folder, as one text: what a widget loads can import nothing."""
    return "\n".join((ROOT / path).read_text(encoding="utf-8") for path in paths)
