"""The prompt filter of each chat: the shipped lists and the operator's, with the words that were
added by command.

They are read through: every check asks the database whether a list has changed, which costs one
indexed look, so that an act in the shell holds for a bot that runs.
"""

from collections.abc import Callable, Iterable

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
        self._actions = {
            category: Action(getattr(config, category.replace("-", "_"))) for category in CATEGORIES
        }
        self._compiled: dict[str, tuple[Version, PromptFilter]] = {}

    async def check(self, fields: Fields, chat: str) -> Verdict:
        """What the filter of `chat` (`telegram:-100`) says."""
        made, actions = await self._filter(chat)
        return made.check(fields, actions)

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
                await t.run(
                    f"UPDATE OR REPLACE {table} SET chat = ? WHERE chat = ?",  # noqa: S608
                    (new, old),
                )

    async def _filter(self, chat: str) -> tuple[PromptFilter, dict[str, Action]]:
        """The filter of a chat, and what it does about each category."""
        held = self._compiled.get(chat)

        async def newer(t: Transaction) -> tuple[Version, list[Row], list[Row]]:
            rows = await t.rows(_VERSION, (chat,))
            version = tuple((r["chat"], r["words"], r["newest"]) for r in rows)
            is_known = not version or (held is not None and held[0] == version)
            words = [] if is_known else await t.rows(_WORDS, ("", chat))
            return version, words, await filter_actions.read(t, chat)

        version, words, said = await self._database.step(newer)
        actions = filter_actions.effective(said, self._actions)
        if held is not None and held[0] == version:
            return held[1], actions
        usual = self._usual()
        made = usual.extended(_entries(words)) if words else usual
        self._compiled.pop(chat, None)
        self._compiled[chat] = (version, made)  # the newest last
        while len(self._compiled) > _KEPT:
            del self._compiled[next(iter(self._compiled))]
        return made, actions


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
