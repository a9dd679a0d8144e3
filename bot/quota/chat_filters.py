"""The prompt filter of each chat: the shipped lists and the operator's, with the words that were
added by command.

An act in the shell holds for a bot that runs: `check` asks the database whether a list has changed,
and whoever judges by `remembered` rules asks it in the transaction that accepts the request.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bot.audit import Audit
from bot.config import ModerationConfig
from bot.database import Database, Row, Transaction
from bot.errors import BadCommand, NotPermitted
from bot.phrase import phrase
from bot.quota import filter_actions
from bot.quota.own_words import check_entry, line_of, spelling
from bot.quota.prompt_filter import CATEGORIES, Action, Fields, PromptFilter, Verdict
from bot.quota.word_lists import Entry, parse

MOST_WORDS = 200
"""In one list."""
_KEPT = 64
"""Chats whose filter stays compiled."""

_VERSION = """SELECT chat, count(*) AS words, max(number) AS newest FROM filter_words
    WHERE chat IN ('', ?) GROUP BY chat ORDER BY chat"""
_WORDS = "SELECT category, line FROM filter_words WHERE chat IN (?, ?) ORDER BY number"

Version = tuple[tuple[str, int, int], ...]
Said = tuple[Row, ...]
"""Rows of `filter_actions`."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds in one chat."""

    version: Version
    said: Said
    filter: PromptFilter
    actions: Mapping[str, Action]
    are_relaxed: bool
    """For pictures of others, in channels that are age-restricted."""

    def check(self, fields: Fields, *, for_adults: bool = False) -> Verdict:
        """What they say of a request, in an age-restricted channel or elsewhere."""
        relaxed = for_adults and self.are_relaxed
        return self.filter.check(fields, self.actions, relax_foreign=relaxed)


class ChatFilters:
    """Judges requests by the lists of their chat, and keeps these lists.

    `usual` tells the filter that all chats share; it is asked for when it is first needed. In what
    changes, `chat` None means everywhere, which only an operator may say.
    """

    def __init__(
        self,
        database: Database,
        config: ModerationConfig,
        usual: Callable[[], PromptFilter],
    ) -> None:
        self._database = database
        self._usual = usual
        self._config = config
        self._actions = {
            category: Action(getattr(config, category.replace("-", "_"))) for category in CATEGORIES
        }
        self._kept: dict[str, Rules] = {}

    async def check(self, fields: Fields, chat: str, *, for_adults: bool = False) -> Verdict:
        """What the filter of `chat` (`telegram:-100`) says. `for_adults`: in a channel that is
        age-restricted, where the operator may have relaxed the rule about pictures of others."""
        return (await self.rules(chat)).check(fields, for_adults=for_adults)

    def remembered(self, chat: str) -> Rules | None:
        """What held when the rules of `chat` were read last, if they were."""
        return self._kept.get(chat)

    @staticmethod
    async def still_hold(t: Transaction, chat: str, rules: Rules) -> bool:
        """Whether `rules` are those of `chat` yet."""
        return (rules.version, rules.said) == await _state(t, chat)

    async def words(self, chat: str | None) -> list[Entry]:
        """The list of a chat, or the one that holds everywhere; oldest first."""
        return _entries(await self._database.rows(_WORDS, (chat or "", chat or "")))

    async def add(self, entry: Entry, *, chat: str | None, by: str, as_operator: bool) -> None:
        """Forbid a word in a chat; or with `!`, never let it be a match.

        Raises:
            BadCommand: the filter cannot work with it, it is there already, or the list is full.
            NotPermitted: an exception, from an admin of a chat: it would lift the operator's lists.
        """
        if entry.is_exception and not as_operator:
            raise NotPermitted(phrase("filter-exception-operators"))
        check_entry(entry)
        key = spelling(entry.text)
        async with self._database.transaction() as t:
            if (known := await _known(t, chat, key)) is not None:
                raise BadCommand(phrase("filter-already", word=known["line"]))
            (count,) = await t.rows(
                "SELECT count(*) AS words FROM filter_words WHERE chat = ?", (chat or "",)
            )
            if count["words"] >= MOST_WORDS:
                raise BadCommand(phrase("filter-full", most=MOST_WORDS))
            await t.run(
                "INSERT INTO filter_words (chat, category, spelling, line) VALUES (?, ?, ?, ?)",
                (chat or "", entry.category, key, line_of(entry)),
            )
            await _record(t, chat, by, before="none", after=_written(entry))

    async def remove(self, entry: Entry, *, chat: str | None, by: str) -> Entry:
        """Take a word off a list again; what it was, as it stood there.

        Raises:
            BadCommand: it is not on this list.
        """
        async with self._database.transaction() as t:
            known = await _known(t, chat, spelling(entry.text))
            if known is None:
                raise BadCommand(phrase("filter-not-there", word=line_of(entry)))
            (was,) = _entries([known])
            await t.run("DELETE FROM filter_words WHERE number = ?", (known["number"],))
            await _record(t, chat, by, before=_written(was), after="none")
        return was

    async def act_upon(
        self, category: str, action: Action | None, *, chat: str | None, by: str, as_operator: bool
    ) -> tuple[Action, Action]:
        """Set what follows from a category; None takes it back. What holds before and after.

        Raises:
            NotPermitted: an admin of a chat asks for less than the operator does.
        """
        async with self._database.transaction() as t:
            return await filter_actions.change(
                t,
                category,
                action,
                usual=self._actions,
                chat=chat or "",
                by=by,
                as_operator=as_operator,
            )

    async def chat_moved(self, old: str, new: str) -> None:
        """A Telegram group became a supergroup: its words and actions go along."""
        async with self._database.transaction() as t:
            for table in ("filter_words", "filter_actions"):
                # What was settled under the new name already is newer.
                await t.run(
                    f"UPDATE OR IGNORE {table} SET chat = ? WHERE chat = ?",  # noqa: S608 - ours
                    (new, old),
                )
                await t.run(f"DELETE FROM {table} WHERE chat = ?", (old,))  # noqa: S608 - ours

    async def rules(self, chat: str) -> Rules:
        """What holds in `chat` now."""
        known = self._kept.get(chat)

        async def look(t: Transaction) -> tuple[Version, Said, list[Row]]:
            version, said = await _state(t, chat)
            is_known = not version or (known is not None and known.version == version)
            return version, said, [] if is_known else await t.rows(_WORDS, ("", chat))

        version, said, words = await self._database.step(look, reading=True)
        if known is not None and known.version == version:
            made = known.filter
        else:
            made = self._usual().extended(_entries(words)) if words else self._usual()
        actions = filter_actions.effective(said, self._actions)
        self._kept.pop(chat, None)
        relaxed = self._config.age_restricted_sources == "allow"
        # The newest last.
        rules = self._kept[chat] = Rules(version, said, made, actions, relaxed)
        while len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        return rules


async def _state(t: Transaction, chat: str) -> tuple[Version, Said]:
    """What changes when a list or an action does."""
    rows = await t.rows(_VERSION, (chat,))
    version = tuple((r["chat"], r["words"], r["newest"]) for r in rows)
    return version, tuple(await filter_actions.read(t, chat))


def _entries(rows: Iterable[Row]) -> list[Entry]:
    return [entry for r in rows for entry in parse(r["line"], r["category"])]


async def _known(t: Transaction, chat: str | None, key: str) -> Row | None:
    return await t.row(
        "SELECT number, category, line FROM filter_words WHERE chat = ? AND spelling = ?",
        (chat or "", key),
    )


def _written(entry: Entry) -> str:
    """As the audit log has it."""
    return f"{entry.category}: {line_of(entry)}"


async def _record(t: Transaction, chat: str | None, by: str, *, before: str, after: str) -> None:
    await Audit.record(
        t,
        account=by,
        act="filter",
        target=chat or "all",
        before=before,
        after=after,
        chat=chat or "",
    )
