"""An answer in words, for whoever asked."""

from bot.domain import Answer, Requester
from bot.phrase import Phrase
from bot.replies import language_for, say_all


def answer(requester: Requester, *lines: Phrase) -> Answer:
    """`lines` in the language of the requester; only they see it where the platform can do that."""
    return Answer(text=say_all(lines, language_for(requester.language)))
