"""`python -m bot` is `chatelier`."""

import sys

from bot.cli import main

sys.exit(main())
