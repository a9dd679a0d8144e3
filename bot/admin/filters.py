"""`/admin filter …`: the words that a chat's admins, or operators everywhere, add to the prompt
filter, and what follows from them."""

from collections.abc import Awaitable, Callable

from bot.admin.caller import Caller
from bot.admin.grammar import Asked
from bot.phrase import Phrase, phrase
from bot.quota.chat_filters import MOST_WORDS, ChatFilters
from bot.quota.own_words import entry_of, line_of
from bot.quota.prompt_filter import Action, Fields, Verdict

Act = Callable[[Asked, Caller], Awaitable[tuple[Phrase, ...]]]


class FilterActs:
    """Carries them out."""

    def __init__(self, filters: ChatFilters) -> None:
        self._filters = filters
        self.acts: dict[str, Act] = {
            "filter-add": self._add,
            "filter-rm": self._remove,
            "filter-list": self._list,
            "filter-test": self._test,
            "filter-action": self._act_upon,
        }

    async def chat_moved(self, old: str, new: str) -> None:
        """A Telegram group became a supergroup: its words follow."""
        await self._filters.chat_moved(old, new)

    async def _add(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        chat = caller.scope(asked)
        entry = entry_of(asked.text, asked.chosen.get("category", "other"))
        await self._filters.add(entry, chat=chat, by=caller.account, as_operator=caller.operator)
        key = "filter-excepted" if entry.is_exception else "filter-added"
        return (
            phrase(
                key,
                where=caller.where(chat),
                word=line_of(entry),
                category=phrase(f"category-{entry.category}"),
            ),
        )

    async def _remove(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        chat = caller.scope(asked)
        was = await self._filters.remove(
            entry_of(asked.text, "other"), chat=chat, by=caller.account
        )
        return (phrase("filter-removed", where=caller.where(chat), word=line_of(was)),)

    async def _list(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        chat = caller.scope(asked)
        words = await self._filters.words(chat)
        if not words:
            return (phrase("filter-list-empty", where=caller.where(chat)),)
        by_category: dict[str, list[str]] = {}
        for entry in words:
            by_category.setdefault(entry.category, []).append(line_of(entry))
        title = phrase(
            "filter-list-title", where=caller.where(chat), count=len(words), most=MOST_WORDS
        )
        lines = (
            phrase(
                "filter-list-line",
                category=phrase(f"category-{category}"),
                words=" · ".join(sorted(lines)),
            )
            for category, lines in sorted(by_category.items())
        )
        return (title, *lines)

    async def _act_upon(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        chat = caller.scope(asked)
        category, chosen = asked.chosen["category"], asked.chosen["action"]
        before, after = await self._filters.act_upon(
            category,
            None if chosen == "default" else Action(chosen),
            chat=chat,
            by=caller.account,
            as_operator=caller.operator,
        )
        return (
            phrase(
                "filter-action-changed",
                where=caller.where(chat),
                category=phrase(f"category-{category}"),
                before=phrase(f"filter-action-{before}"),
                after=phrase(f"filter-action-{after}"),
            ),
        )

    async def _test(self, asked: Asked, caller: Caller) -> tuple[Phrase, ...]:
        chat = caller.scope(asked)
        verdict = await self._filters.check(Fields(prompt=asked.text), chat or "")
        return (_worded(verdict, caller.where(chat)),)


def _worded(verdict: Verdict, where: Phrase) -> Phrase:
    """What would become of a request; the category is named, never the word."""
    if not verdict.category:
        return phrase("filter-test-nothing", where=where)
    if verdict.fixed:
        return phrase("filter-test-fixed", category=phrase(f"category-{verdict.category}"))
    action = Action.REFUSE if not verdict.allowed else verdict.action
    return phrase(
        "filter-test-found",
        where=where,
        category=phrase(f"category-{verdict.category}"),
        action=phrase(f"filter-action-{action}"),
    )
