"""Limits and grants, set by command."""

from bot.config import QuotaConfig
from bot.database import Transaction
from bot.errors import BadCommand, NotPermitted
from bot.phrase import phrase
from bot.quota.acts import PERSON, Acts, Change, check_chat, check_until, record, until_words
from bot.quota.bounds import millicredits
from bot.quota.limits import MOST, UNLIMITED, Amount
from bot.quota.price import CREDIT, as_credits
from bot.quota.windows import PERIODS, Period, day_of

_SAID = f"WHERE account IN ({PERSON}) AND chat = ?2 AND by_operator = ?3"
"""What is set for one linked account is set for the person, and also holds once they part."""


class LimitActs(Acts):
    """Limits of members, chats and everybody; extra credits for members."""

    async def set_limit(
        self,
        account: str | None,
        *limits: Amount,
        chat: str | None,
        by: str,
        as_operator: bool,
    ) -> Change[tuple[Amount, ...]]:
        """Limit a member, with all linked accounts, everywhere (`chat` None) or in a chat; a chat
        (`account` None); or everybody together (both None). No `limits` takes the actor's own
        limits back.

        Raises:
            BadCommand: an amount is negative or absurd.
            NotPermitted: a chat's admin goes beyond what the operator allows that chat.
        """
        check_chat(chat, as_operator)
        for limit in limits:
            if not (0 <= limit.millicredits <= MOST or limit.millicredits == UNLIMITED):
                raise BadCommand(phrase("limit-absurd", most=as_credits(MOST)))
        key = (account or "", chat or "", as_operator)
        async with self._database.transaction() as t:
            before = await _limits(t, key)
            for limit in limits:
                if account is None and chat and not as_operator:
                    await self._check_chat_limit(t, chat, limit)
                await self._write_limit(t, key, limit)
            if not limits:
                await t.run(f"DELETE FROM limits {_SAID}", key)  # noqa: S608 - ours
            change = Change(before, await _limits(t, key))
            await record(
                t,
                by,
                "quota",
                account or chat or "all",
                chat,
                Change(_amounts(change.before), _amounts(change.after)),
            )
        return change

    async def limits(
        self, account: str | None, *, chat: str | None, as_operator: bool
    ) -> tuple[Amount, ...]:
        """What `set_limit` has set last by operators, or by a chat's admins."""
        return await self._database.step(
            lambda t: _limits(t, (account or "", chat or "", as_operator)), reading=True
        )

    async def grant(
        self,
        account: str,
        amount: int,
        until: float | None,
        *,
        chat: str | None,
        by: str,
        as_operator: bool,
        reason: str = "",
    ) -> Change[int]:
        """Give extra millicredits beyond the member's own limits, until a moment or for good.
        Before and after: what all grants that hold there have left.

        Raises:
            BadCommand: nothing, a negative or an absurd amount, or a moment that has passed.
            NotPermitted: a chat's admins have no more to give today.
        """
        check_chat(chat, as_operator)
        if not 0 < amount <= MOST:
            raise BadCommand(phrase("grant-absurd", most=as_credits(MOST)))
        now = self._clock()
        check_until(until, now)
        day = day_of(now, self._quota.timezone)
        async with self._database.transaction() as t:
            if chat and not as_operator:
                await self._check_grants(t, chat, day, amount)
            before = await _granted(t, account, chat, now)
            await t.run(
                "INSERT INTO grants (account, chat, amount, left, until, by_operator, given_by,"
                " reason, day, at) VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                (account, chat or "", amount, until, as_operator, by, reason, day, now),
            )
            change = Change(before, before + amount)
            await record(
                t,
                by,
                "grant",
                account,
                chat,
                Change(
                    as_credits(change.before),
                    f"{as_credits(change.after)} {until_words(until)} {reason}".strip(),
                ),
            )
        return change

    async def _check_chat_limit(self, t: Transaction, chat: str, amount: Amount) -> None:
        row = await t.row(
            "SELECT most FROM limits"
            " WHERE account = '' AND chat = ? AND period = ? AND by_operator = 1",
            (chat, amount.window),
        )
        most = row["most"] if row else _of_chat(self._quota, amount.window)
        if amount.millicredits > most:
            raise NotPermitted(
                phrase("limit-beyond-operator", most=as_credits(most), window=amount.window)
            )

    async def _check_grants(self, t: Transaction, chat: str, day: str, amount: int) -> None:
        row = await t.row(
            "SELECT COALESCE(SUM(amount), 0) AS given FROM grants"
            " WHERE chat = ? AND day = ? AND by_operator = 0",
            (chat, day),
        )
        most = millicredits(self._quota.chat_grants_per_day)
        given = row["given"] if row else 0
        if given + amount > most:
            left = as_credits(max(0, most - given))
            raise NotPermitted(phrase("grant-beyond", most=as_credits(most), left=left))

    async def _write_limit(
        self, t: Transaction, key: tuple[str, str, bool], amount: Amount
    ) -> None:
        await t.run(
            f"WITH person (account) AS ({PERSON})"  # noqa: S608 - ours
            " INSERT INTO limits (account, chat, by_operator, period, most, at)"
            " SELECT account, ?2, ?3, ?4, ?5, ?6 FROM person WHERE TRUE"
            " ON CONFLICT (account, chat, period, by_operator) DO UPDATE SET most = ?5, at = ?6",
            (*key, amount.window, amount.millicredits, self._clock()),
        )


def _of_chat(quota: QuotaConfig, window: Period) -> int:
    """What the configuration allows a chat."""
    most = quota.chat_credits_per_day if window == "day" else quota.chat_credits_per_hour
    return millicredits(most)


async def _limits(t: Transaction, key: tuple[str, str, bool]) -> tuple[Amount, ...]:
    rows = await t.rows(f"SELECT period, most FROM limits {_SAID} ORDER BY at", key)  # noqa: S608 - ours
    most: dict[Period, int] = {row["period"]: row["most"] for row in rows}
    return tuple(Amount(most[p], p) for p in PERIODS if p in most)


async def _granted(t: Transaction, account: str, chat: str | None, now: float) -> int:
    row = await t.row(
        f"SELECT COALESCE(SUM(left), 0) FROM grants WHERE account IN ({PERSON})"  # noqa: S608 - ours
        " AND left > 0 AND chat IN ('', ?2) AND (until IS NULL OR until > ?3)",
        (account, chat or "", now),
    )
    return int(row[0]) if row else 0


def _amounts(amounts: tuple[Amount, ...]) -> str:
    return " ".join(_amount(a) for a in amounts) or "default"


def _amount(amount: Amount) -> str:
    if amount.millicredits >= UNLIMITED:
        return f"unlimited/{amount.window}"
    number = f"{amount.millicredits / CREDIT:.3f}".rstrip("0").rstrip(".")
    return f"{number}/{amount.window}"
