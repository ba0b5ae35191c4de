"""When two pictures in a notebook's outputs are the same to a reader.

Their bytes change with the processor, whose sums round differently, and with the version of the
compressor, while what is seen does not.
"""

import base64
import io
import re

import numpy as np
from PIL import Image

# On a scale of 0 to 255, over all pixels. Another digit in a label gives 1.5, a line that is 0.1 %
# steeper 1.1; jitter of 1e-4 of an axis 0.3, of 1e-5 0.02.
MAX_RMS = 0.5
# A picture is stored in 256 colours chosen for it, and a rounding difference, which changes the
# choice, moves whole areas by up to 7 shades that nobody sees.
SHADES = 8
PICTURE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")


def rms(png, other):
    """√mean d² over the visible differences d of two pictures, 0 to 255; inf for two sizes.

    Args:
        png: a PNG file in base64.
        other: likewise.
    """
    a, b = _pixels(png), _pixels(other)
    if a.shape != b.shape:
        return np.inf
    difference = np.abs(a - b)
    return np.sqrt(np.mean(np.where(difference > SHADES, difference, 0) ** 2))


def split_pictures(output):
    """(a copy of a cell's output without its pictures, the pictures in base64, in order)."""
    data, pictures = dict(output.get("data", {})), []
    if "image/png" in data:
        pictures.append(data["image/png"])
        data["image/png"] = ""
    if "text/html" in data:
        pictures += PICTURE.findall(data["text/html"])
        data["text/html"] = PICTURE.sub("data:image/png;base64,", data["text/html"])
    return ({**output, "data": data} if data else output), pictures


def look_the_same(output, other):
    """Whether two outputs differ in nothing that a reader would see."""
    (rest, pictures), (other_rest, others) = split_pictures(output), split_pictures(other)
    return rest == other_rest and all(
        rms(a, b) <= MAX_RMS for a, b in zip(pictures, others, strict=True)
    )


def _pixels(png):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert("RGBA"), dtype=float)
