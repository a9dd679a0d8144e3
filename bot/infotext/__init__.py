"""A1111's infotext, the block of parameters that travels inside pictures: read and written (pure).

    a cat
    Negative prompt: dog
    Steps: 28, Sampler: Euler a, Schedule type: Karras, CFG scale: 7, Seed: 5, Size: 512x512

`parse_infotext` reads every form that people paste; `to_request` turns it into a `DrawRequest`;
`format_infotext` writes the form above, which A1111 reads back.
"""

from bot.infotext.reader import Infotext, parse_infotext
from bot.infotext.request import to_request
from bot.infotext.writer import format_infotext

__all__ = ["Infotext", "format_infotext", "parse_infotext", "to_request"]
