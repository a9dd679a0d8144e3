"""`chatelier admin …` on the command line, beside a bot that runs and without one."""

import asyncio
import getpass
from pathlib import Path

import pytest

from bot.audit import Audit
from bot.cli_admin import run_admin
from bot.config import Config
from bot.database import Database
from bot.startup import only_copy
from tests.front import Front, config
from tests.samples import reply_to, requester


class Shell:
    """A folder with a bot's data, and what the command line says about it."""

    def __init__(self, folder: Path, settings: Config, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.config, self._capsys = folder, settings, capsys
        self.data = folder / "data"

    async def __call__(self, words: str, language: str = "en-GB") -> tuple[int, str]:
        code = await run_admin(words.split(), self.config, self.folder, language)
        out, error = self._capsys.readouterr()
        assert bool(error) is (code == 1)
        return code, (out or error).rstrip("\n")


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path, config(quota={"tiers": {"patron": {}}}), capsys)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (
            "quota telegram:123 50/day",
            "Credits of telegram:123 in all chats: the default → 50 a day.",
        ),
        (
            "quota telegram:123 5/hour --chat telegram:-5",
            "Credits of telegram:123 in telegram:-5: the default → 5 an hour.",
        ),
        (
            "quota chat telegram:-5 200/day",
            "Credits of all members together in telegram:-5: the default → 200 a day.",
        ),
        (
            "quota all 2000/day",
            "Credits of everybody together, in all chats: the default → 2000 a day.",
        ),
        (
            "grant discord:7 20",
            "discord:7 gets 20 credits extra in all chats, for ever. Extra credits left: 0 → 20.",
        ),
        (
            "ban telegram:123 forever spam",
            "telegram:123 in all chats: not banned → banned for ever: spam.",
        ),
        ("unban telegram:123", "There is no ban of telegram:123 in all chats."),
        ("tier telegram:123 patron", "Tier of telegram:123: none → patron."),
        ("link telegram:123 discord:7", "One person: telegram:123 → discord:7 + telegram:123."),
        ("unlink telegram:123", "telegram:123 is not linked with any other account."),
        ("chat allow telegram:-5", "telegram:-5: unknown → allowed."),
        ("chat list", "No chat has asked yet."),
        (
            "pause new card",
            "Requests in all chats: requests are taken → "
            "nothing new is taken, nothing more is begun (new card).",
        ),
        ("resume", "Requests in all chats: requests are taken → requests are taken."),
        (
            "drain",
            "Requests in all chats: requests are taken → "
            "nothing new is taken, what waits is drawn.",
        ),
        ("log", "Nothing has been done in all chats yet."),
    ],
)
async def test_every_act_works_where_no_bot_runs(shell: Shell, words: str, answer: str) -> None:
    """On a fresh machine too, where nobody was seen yet."""
    code, said = await shell(words)
    lines = [line for line in said.splitlines() if "was not seen here yet" not in line]
    assert (code, "\n".join(lines)) == (0, answer)


async def test_the_status_works_where_no_bot_runs(shell: Shell) -> None:
    """What only a running bot knows is said to be off."""
    code, said = await shell("status")
    assert code == 0
    assert "Renderer: not running" in said
    assert "Nobody is waiting; nothing is being drawn." in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "/admin quota @ann 50/day"),
        ("grant telegram:123", "How many credits?"),
        ("quota telegram:123 -5/day", "less than nothing"),
        ("quota telegram:123 1e9/day", "more than I count"),
        ("quota telegram:123 nan/day", "is no amount"),
        ("quota telegram:123 0/day", "none at all"),
        ("quota 123 50/day", "telegram:123 or discord:123"),
        ("quota @nobody 50/day", "do not know anybody"),
        ("ban", "Who is meant?"),
        ("chat allow bob", "bob"),
        ("pause --chat bob", "bob"),
        ("bam telegram:123", "Did you mean ban?"),
    ],
)
async def test_what_makes_no_sense_changes_nothing(shell: Shell, words: str, said: str) -> None:
    """Exit code 1, and the reason on the error output."""
    code, answer = await shell(words)
    assert code == 1
    assert said in answer
    async with Database(shell.data / "chatelier.sqlite") as database:
        assert await Audit(database).last() == []


async def test_a_name_is_looked_up_on_all_platforms(shell: Shell) -> None:
    """Among the members who were seen."""
    shell.data.mkdir()
    async with Database(shell.data / "chatelier.sqlite") as database:
        await Front(database, shell.folder, shell.config).say(
            "", "queue", requester=requester("1", username="Ann")
        )
    assert await shell("quota @ann 50/day") == (
        0,
        "Credits of telegram:1 in all chats: the default → 50 a day.",
    )


async def test_the_log_names_who_sat_at_the_machine(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any path, and also where the system knows no name."""
    monkeypatch.setattr(getpass, "getuser", lambda: "HOST\\Olga K")
    await shell("ban telegram:123")
    monkeypatch.setattr(getpass, "getuser", nobody)
    await shell("pause")
    _, said = await shell("log")
    assert "HOST_Olga_K on the command line: ban of telegram:123" in said
    assert "console on the command line: requests of all chats together" in said


def nobody() -> str:
    raise OSError("no such user")


async def test_answers_are_in_the_shells_language(shell: Shell) -> None:
    """Unless the configuration says one."""
    _, said = await shell("封禁 telegram:123 2天 刷屏", "zh-CN")
    assert said.startswith("telegram:123 在所有聊天：未封禁 → 已封禁，到 ")


async def test_a_running_bot_sees_at_once_what_was_done(shell: Shell) -> None:
    """Limits, bans and pauses are read at every request."""
    shell.data.mkdir()
    async with Database(shell.data / "chatelier.sqlite") as database:
        front = Front(database, shell.folder, shell.config)
        assert await front.say("a cat", key="1") == ""
        await shell("ban telegram:1 forever spam")
        assert "spam" in await front.say("a cat", key="2")
        await shell("unban telegram:1")
        await shell("quota telegram:1 0.01/day")
        assert "credit" in await front.say("a cat", key="3")
        await shell("quota telegram:1 unlimited")
        await shell("pause lunch")
        assert "lunch" in await front.say("a cat", key="4")
        await shell("resume")
        await shell("chat allow telegram:-77")
        far = reply_to(chat_id="-77")
        assert await front.say("a cat", key="5", reply_to=far) == ""
        _, said = await shell("status")
        assert "2 requests are waiting" in said


async def test_two_command_lines_at_once_lose_nothing(shell: Shell) -> None:
    """They wait for each other, and each leaves its row."""
    await asyncio.gather(
        *(
            run_admin(["grant", f"telegram:{n}", "5"], shell.config, shell.folder, "en")
            for n in range(100, 105)
        )
    )
    async with Database(shell.data / "chatelier.sqlite") as database:
        assert len(await Audit(database).last()) == 5


async def test_the_status_knows_that_a_bot_runs(shell: Shell) -> None:
    """By the lock that it holds; what only that process knows is not made up."""
    shell.data.mkdir()
    with only_copy(shell.data):
        assert "Renderer: in the running bot" in (await shell("status"))[1]
    assert "Renderer: not running" in (await shell("status"))[1]


async def test_settings_of_a_chat_are_set_in_the_shell(shell: Shell) -> None:
    """By the same words as in the chat, which is named; a bot that runs sees them at once."""
    code, said = await shell("settings --chat telegram:-100 negative blurry")
    assert (code, said) == (0, "Negative prompt in this chat: default → blurry.")
    async with Database(shell.data / "chatelier.sqlite") as database:
        front = Front(database, shell.folder, shell.config)
        assert (await front.draw("a cat")).spec.negative_prompt == "blurry"
        (act,) = await Audit(database).last()
    assert (act.act, act.chat) == ("settings-negative", "telegram:-100")
    assert act.account.startswith("console:")
    assert "Negative prompt: blurry" in (await shell("settings --chat telegram:-100"))[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("settings steps 30", "chatelier admin settings --chat telegram:-1001234567890"),
        ("settings --chat bob steps 30", "“bob” is no chat id"),
        ("settings --chat telegram:-100 stepz 30", "Did you mean steps?"),
    ],
)
async def test_settings_in_the_shell_need_a_chat(shell: Shell, words: str, said: str) -> None:
    """Nothing is guessed, and nothing changed."""
    code, answer = await shell(words)
    assert code == 1
    assert said in answer


async def test_the_line_is_shown_in_the_shell(shell: Shell) -> None:
    """In the order of the running bot, also behind one that is being drawn; whose, not what."""
    assert await shell("queue") == (0, "Nobody is waiting, nothing is being drawn.")
    async with Database(shell.data / "chatelier.sqlite") as database:
        front = Front(database, shell.folder, shell.config)
        ann, bob = requester("1"), requester("2")
        for number in range(3):
            await front.draw(f"a secret cat {number}", requester=ann)
        await front.draw("a dog", requester=bob)
        first, kept = await front.queue.get(), front.queue.unsaved()
        await front.journal.begin(first, turns=kept.flows, gone=kept.gone, anew=kept.anew)
        order = front.queue.line()
    code, said = await shell("queue")
    lines = said.splitlines()
    assert code == 0
    assert lines[0] == "3 requests are waiting, one is being drawn."
    assert lines[1] == f"{first}, of telegram:1 in telegram:-100: being drawn now"
    assert [line.split(",")[0] for line in lines[2:]] == order
    assert lines[2].startswith(f"{order[0]}, of telegram:2 in telegram:-100: number 1 in line, ab")
    assert "secret" not in said
    assert "正在绘制" in (await shell("队列", language="zh-CN"))[1]


async def test_what_members_may_spend_is_told_in_the_shell(shell: Shell) -> None:
    """`/quota`, of anybody."""
    code, said = await shell("quota telegram:123")
    assert code == 0
    assert "100" in said
