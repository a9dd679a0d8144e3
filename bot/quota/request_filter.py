"""A request on its way through the prompt filter: judged, and counted against its member where it
is refused."""

import logging
from dataclasses import dataclass

from bot.domain import LOCAL, Incoming
from bot.errors import RejectedPrompt
from bot.phrase import Phrase
from bot.quota.chat_filters import ChatFilters, Rules
from bot.quota.prompt_filter import Action, Fields, Verdict
from bot.quota.strikes import Offence, Strikes

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Judged:
    """What was said of a request, and by which rules."""

    verdict: Verdict
    rules: Rules


class RequestFilter:
    """Judges by the rules that are remembered: whoever accepts the request makes sure, in the same
    transaction, that they still hold. Nobody is refused by rules that are out of date."""

    def __init__(self, filters: ChatFilters, strikes: Strikes) -> None:
        self._filters = filters
        self._strikes = strikes

    async def judge(
        self, fields: Fields, incoming: Incoming, *, is_operator: bool, anew: bool = False
    ) -> Judged:
        """What the filter of the chat says. `anew`: the rules have changed.

        Raises:
            RejectedPrompt: it may not be drawn; the phrase names a category, never a word.
        """
        chat, adults = incoming.reply_to.chat, incoming.reply_to.age_restricted
        rules = None if anew else self._filters.remembered(chat)
        verdict = rules.check(fields, for_adults=adults) if rules else None
        if rules is None or verdict is None or verdict.action is Action.REFUSE:
            rules = await self._filters.rules(chat)
            verdict = rules.check(fields, for_adults=adults)
        if verdict.action is Action.REFUSE:
            told = await self._strike(verdict, fields, incoming, is_operator=is_operator)
            raise RejectedPrompt(verdict.phrase, *told)
        return Judged(verdict, rules)

    async def _strike(
        self, verdict: Verdict, fields: Fields, incoming: Incoming, *, is_operator: bool
    ) -> tuple[Phrase, ...]:
        """Count a refused request, where its category counts; what its member is told besides."""
        account = incoming.requester.account
        log.info("%s: prompt refused: %s", account, verdict.category)
        if incoming.reply_to.platform in LOCAL:
            return ()  # whoever sits there owns the machine
        words = "\n".join(filter(None, (fields.prompt, fields.negative_prompt, *fields.names)))
        return await self._strikes.refused(
            Offence(
                account=account,
                chat=incoming.reply_to.chat,
                key=incoming.key,
                category=verdict.category,
                words=words,
                spared=is_operator,
            )
        )
