"""A widget of the course: one whose script and style sheet are sent, and stored, once.

All that a widget has is sent to the page with it, and stored in the notebook that it is saved in.
"""

from functools import cache

import anywidget
import ipywidgets
from traitlets import Unicode

from bend.assets import LOADER, joined


class Assets(ipywidgets.Widget):
    """The script and the style sheet of all widgets of one kind; it is never shown."""

    id = Unicode().tag(sync=True)
    script = Unicode().tag(sync=True)
    sheet = Unicode().tag(sync=True)


@cache
def held(scripts, sheets):
    """The one widget that holds these files."""
    return Assets(id=sheets[-1], script=joined(scripts), sheet=joined(sheets))


class Widget(anywidget.AnyWidget):
    """What draws itself with the files `scripts` and `sheets`, of which the last is its own."""

    _esm = joined([LOADER])
    scripts = sheets = ()
    assets = Unicode().tag(sync=True)

    def __init__(self, **traits):
        super().__init__(assets=held(self.scripts, self.sheets).model_id, **traits)
