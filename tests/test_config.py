"""`config.toml` and the environment: what is right is taken, what is wrong gets one line."""

from pathlib import Path

import pytest

from bot.config import Config, Secrets, load, secrets
from bot.errors import ConfigError

ROOT = Path(__file__).parent.parent


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def fault(path: Path | None, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path, environ or {})
    return str(caught.value)


def test_the_shipped_file_is_the_defaults():
    """Deleting any line of config.toml changes nothing."""
    assert load(ROOT / "config.toml", {}) == Config()


def test_the_file_is_optional():
    """Without a file every key has its default."""
    assert load(None, {}) == Config()


def test_a_key_of_the_file_is_taken(file):
    """What the operator writes wins over the default; the rest stays."""
    file.write_text('[studio]\nport = 8080\n[access]\nchats = ["telegram:-100", "discord:7"]\n')
    config = load(file, {})
    assert config.studio.port == 8080
    assert config.access.chats == ("telegram:-100", "discord:7")
    assert config.render == Config().render


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[render]\nthreads = "four"', '[render] threads = "four": expected a whole number'),
        ("[render]\nthreads = -1", "[render] threads = -1: expected a whole number >= 0"),
        ("[render]\nthreads = 1.5", "[render] threads = 1.5: expected a whole number"),
        ("[studio]\nport = 70000", "[studio] port = 70000: expected a whole number <= 65535"),
        (
            "[defaults]\ndenoising_strength = 0",
            "[defaults] denoising_strength = 0: expected a number > 0.0",
        ),
        ('[access]\nopen = "yes"', '[access] open = "yes": expected true or false'),
        ("[storage]\nkeep_gb = true", "[storage] keep_gb = true: expected a number"),
        ("[bot]\nlanguage = 5", "[bot] language = 5: expected a text"),
        (
            '[bot]\nlanguage = "fr"',
            '[bot] language = "fr": expected one of "auto", "en", "zh"',
        ),
        (
            '[access]\noperators = ["bob"]',
            '[access] operators = ["bob"]: expected a list such as ["telegram:1234567890"]',
        ),
        (
            '[access]\nchats = "telegram:5"',
            '[access] chats = "telegram:5": expected a list such as ["telegram:-1001234567890"]',
        ),
        (
            '[telegram]\napi_base = "ftp://x"',
            '[telegram] api_base = "ftp://x": expected an address such as https://api.telegram.org',
        ),
        (
            '[quota]\ntimezone = "Mars"',
            '[quota] timezone = "Mars": '
            'expected a name of the IANA time zone database, such as "Asia/Shanghai"',
        ),
        (
            '[defaults]\nsampler = "Eulr a"',
            '[defaults] sampler = "Eulr a": expected a sampler such as "Euler a";'
            ' did you mean "Euler a"?',
        ),
        (
            '[moderation]\nclassifier = "opennfsw"',
            '[moderation] classifier = "opennfsw": '
            'expected "opennsfw", "off" or "package.module:factory"',
        ),
        (
            '[bot]\ndata_dir = ""',
            '[bot] data_dir = "": expected a folder; "." is the one of this file',
        ),
        (
            '[quota]\ncredits_per_day = "lots"',
            '[quota] credits_per_day = "lots": expected a number or "unlimited"',
        ),
        (
            "[quota]\ntotal_credits_per_hour = -1",
            "[quota] total_credits_per_hour = -1: expected a number >= 0.0",
        ),
        (
            "[limits]\nrunning_per_chat = 0",
            "[limits] running_per_chat = 0: expected a whole number >= 1",
        ),
        (
            "[quota.tiers.patron]\nweight = 0",
            "[quota.tiers.patron] weight = 0: expected a number > 0.0",
        ),
        (
            '[quota.tiers.patron]\ncredits_per_day = "all"',
            '[quota.tiers.patron] credits_per_day = "all": expected a number or "unlimited"',
        ),
        (
            "[quota.tiers.patron]\ndiscord_roles = [5]",
            '[quota.tiers.patron] discord_roles = [5]: expected a list such as ["1234567890"]',
        ),
        (
            "[quota.tiers.patron]\nwheight = 2",
            "[quota.tiers.patron] has no key `wheight`; did you mean `weight`?",
        ),
        ("[quota.tiers]\npatron = 2", "[quota] tiers: expected a table [quota.tiers.patron]"),
        ('[render]\ndevic = "cpu"', "[render] has no key `devic`; did you mean `device`?"),
        ("[rendr]\nthreads = 1", "[rendr] is no section; did you mean `render`?"),
    ],
)
def test_a_wrong_line_is_told_with_file_key_value_and_what_was_expected(file, text, line):
    """One line, in plain words, that the operator can act upon."""
    file.write_text(text)
    assert fault(file) == f"{file}: {line}"


def test_a_key_outside_any_section_is_told_where_it_could_stand(file):
    """The sections are listed."""
    file.write_text("port = 1")
    assert fault(file).startswith(f"{file}: `port = 1` stands outside any section")
    assert "[studio]" in fault(file)


def test_a_key_that_resembles_nothing_gets_the_list_of_keys(file):
    """No guess is better than a wild one."""
    file.write_text("[storage]\nx = 1")
    assert fault(file) == f"{file}: [storage] has no key `x`; it knows keep_days, keep_gb"


def test_broken_toml_is_told_with_its_place(file):
    """The TOML reader's own words, with the file before them, in one line."""
    file.write_text('[bot]\nlanguage = "en')
    assert fault(file).startswith(f"{file}: not valid TOML: ")
    assert "\n" not in fault(file)


def test_a_missing_file_is_told(file):
    """A file that was named must be there."""
    assert fault(file).startswith(f"{file}: no such file")


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path):
    """`-C` with the folder in which the file lies."""
    assert fault(tmp_path) == f"{tmp_path}: is a folder; name the file in it"


def test_a_file_that_is_no_text_is_told(file):
    """Bytes that are not UTF-8 cannot be settings; the editor that saved them can mend it."""
    for encoding in ("utf-16", "utf-16-le"):
        file.write_bytes('[bot]\nlanguage = "en"\n'.encode(encoding))
        assert fault(file) == f"{file}: is not in UTF-8; save it as UTF-8 in your editor"


def test_marks_that_windows_editors_leave_are_no_fault(file):
    """A byte order mark, and lines that end in CR LF: in the settings, and around a token."""
    file.write_bytes(b'\xef\xbb\xbf[bot]\r\nlanguage = "zh"\r\n')
    assert load(file, {}).bot.language == "zh"
    file.write_bytes(b"\xef\xbb\xbf123:abc\r\n")
    assert secrets({"CHATELIER_TELEGRAM_TOKEN_FILE": str(file)}).telegram_token == "123:abc"


@pytest.mark.parametrize("path", [r"C:\Users\ann", r"D:\models"])
def test_a_path_with_backslashes_is_told_how_to_write_it(file, path):
    """In TOML a backslash begins an escape."""
    file.write_text(f'[bot]\ndata_dir = "{path}"\n')
    assert fault(file).endswith("; a path is written with /, or with \\ between single quotes")


@pytest.mark.parametrize("path", [r"C:\temp", r"D:\new"])
def test_a_path_in_which_an_escape_was_read_is_told_how_to_write_it(file, path):
    """`\\t` is a tab to TOML, which no path holds."""
    file.write_text(f'[render]\nmodels_dir = "{path}"\n')
    assert fault(file) == (
        f"{file}: [render] models_dir = '{path}': holds a control character;"
        " a path is written with /, or with \\ between single quotes"
    )


def test_paths_know_the_home_folder_and_the_environment(file, monkeypatch):
    """Wherever a path may stand; a name that is nobody's is told."""
    monkeypatch.setenv("HOME", "/home/ann")
    monkeypatch.setenv("USERPROFILE", "/home/ann")
    monkeypatch.setenv("STORE", "/srv/store")
    file.write_text(
        '[bot]\ndata_dir = "~/data"\n[render]\nmodels_dir = "$STORE/models"\n'
        '[telegram]\ntoken_file = "${STORE}/token"\n[moderation]\nword_files = ["~/w.txt"]\n'
    )
    config = load(file, {})
    home = Path("/home/ann")
    assert config.bot.data_dir == str(home / "data")
    assert config.render.models_dir == "/srv/store/models"
    assert config.telegram.token_file == "/srv/store/token"
    assert config.moderation.word_files == (str(home / "w.txt"),)
    assert load(None, {"CHATELIER_BOT__DATA_DIR": "~/x"}).bot.data_dir == str(home / "x")

    file.write_text('[bot]\ndata_dir = "$STOR/data"\n')
    assert fault(file) == (
        f'{file}: [bot] data_dir = "$STOR/data": '
        "the environment has no $STOR; set it, or write it out"
    )
    said = fault(None, {"CHATELIER_RENDER__MODELS_DIR": "~nobody-at-all/x"})
    assert said.startswith("environment CHATELIER_RENDER__MODELS_DIR: [render] models_dir")
    assert "whose home is meant?" in said


def test_the_environment_wins_over_the_file(file):
    """Any key can be set as CHATELIER_<SECTION>__<KEY>, each in the type of its key."""
    file.write_text('[studio]\nport = 8080\nhost = "127.0.0.2"\n')
    config = load(
        file,
        {
            "CHATELIER_STUDIO__PORT": "9000",
            "CHATELIER_ACCESS__OPEN": "True",
            "CHATELIER_ACCESS__CHATS": '["discord:7"]',
            "CHATELIER_QUOTA__CREDITS_PER_DAY": "2.5",
            "CHATELIER_QUOTA__CHAT_CREDITS_PER_DAY": "50",
            "CHATELIER_QUOTA__PER_MINUTE": "unlimited",
            "CHATELIER_BOT__DATA_DIR": r"C:\chatelier",
            "PATH": "/bin",
        },
    )
    assert (config.studio.port, config.studio.host) == (9000, "127.0.0.2")
    assert config.access.open
    assert config.access.chats == ("discord:7",)
    assert config.quota.credits_per_day == 2.5
    assert config.quota.chat_credits_per_day == 50
    assert config.quota.per_minute == "unlimited"
    assert config.bot.data_dir == r"C:\chatelier"


@pytest.mark.parametrize("text", ["925997e9", "12345", "true", "[x]", ""])
def test_a_text_from_the_environment_stays_a_text(text):
    """A model's hash may look like a number, a folder may be called `true`."""
    config = load(None, {"CHATELIER_DEFAULTS__CHECKPOINT": text})
    assert config.defaults.checkpoint == text


@pytest.mark.parametrize("platform", ["telegram", "discord"])
def test_both_platforms_addresses_have_a_short_name_too(platform):
    """CHATELIER_TELEGRAM_API_BASE and CHATELIER_DISCORD_API_BASE, for mirrors and tests."""
    config = load(None, {f"CHATELIER_{platform.upper()}_API_BASE": "http://127.0.0.1:1"})
    assert getattr(config, platform).api_base == "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CHATELIER_RENDER__THREADS", "x", '[render] threads = "x": expected a whole number'),
        ("CHATELIER_RENDER__DEVIC", "x", "[render] has no key `devic`; did you mean `device`?"),
        ("CHATELIER_RENDR__DEVICE", "x", "no section [rendr]"),
        ("CHATELIER_QUOTA__TIMEZONE", "Mars", "expected a name of the IANA time zone database"),
        ("CHATELIER_RENDER_THREADS", "1", "two underscores"),
        ("CHATELIER_TELEGRAM_TOKN", "1", "unknown"),
        ("CHATELIER_DISCORD_API_BASE", "x", 'api_base = "x": expected an address'),
    ],
)
def test_a_wrong_variable_is_told_by_its_name(name, value, said):
    """The line names the variable, as no file is to blame."""
    line = fault(None, {name: value})
    assert line.startswith(f"environment {name}: ")
    assert said in line


def test_only_the_wrong_variable_is_named():
    """Others that are set have no part in it."""
    line = fault(None, {"CHATELIER_METRICS__PORT": "0", "CHATELIER_TELEGRAM__PROXY": "x:9"})
    assert line.startswith("environment CHATELIER_TELEGRAM__PROXY: [telegram] proxy")


def test_tokens_come_from_the_environment_or_from_files(tmp_path):
    """A file may end in a newline, as editors write it; a direct value wins."""
    (tmp_path / "token").write_text("123:abc\n")
    (tmp_path / "other").write_text("not this")
    found = secrets(
        {
            "CHATELIER_TELEGRAM_TOKEN_FILE": str(tmp_path / "token"),
            "CHATELIER_DISCORD_TOKEN": " xyz ",
            "CHATELIER_DISCORD_TOKEN_FILE": str(tmp_path / "other"),
        }
    )
    assert found == Secrets(telegram_token="123:abc", discord_token="xyz")
    assert found.values() == ("123:abc", "xyz")


def test_quotes_around_a_token_are_not_part_of_it(tmp_path):
    """Files for shells and containers have them; a password may begin and end as it likes."""
    (tmp_path / "token").write_text("'123:abc'\r\n")
    found = secrets(
        {
            "CHATELIER_TELEGRAM_TOKEN_FILE": str(tmp_path / "token"),
            "CHATELIER_DISCORD_TOKEN": '"xyz"',
            "CHATELIER_STUDIO_PASSWORD": '"open sesame"',
        }
    )
    assert found.values() == ("123:abc", "xyz", '"open sesame"')


def test_a_file_that_holds_more_than_a_token_is_told(tmp_path):
    """None of it is shown."""
    (tmp_path / "token").write_text("TOKEN =\n123:abc\n")
    with pytest.raises(
        ConfigError, match=r"holds more than one word; .* the token alone"
    ) as caught:
        secrets({"CHATELIER_DISCORD_TOKEN_FILE": str(tmp_path / "token")})
    assert "123:abc" not in str(caught.value)
    with pytest.raises(ConfigError, match=r"^CHATELIER_TELEGRAM_TOKEN: holds more than one word"):
        secrets({"CHATELIER_TELEGRAM_TOKEN": "123:abc 456:def"})


def test_a_token_file_of_somebody_else_is_told(tmp_path, monkeypatch):
    """As `init` makes them, for a container's user; tests may run as root, who reads all."""
    file = tmp_path / "token"
    file.write_text("123:abc")
    monkeypatch.setattr(Path, "read_text", _denied)
    with pytest.raises(ConfigError, match="Permission denied; the user that runs the bot has to"):
        secrets({"CHATELIER_TELEGRAM_TOKEN_FILE": str(file)})


def _denied(path, *_):
    raise PermissionError(13, "Permission denied", str(path))


def test_no_tokens_is_fine():
    """Without any, the local studio is what runs."""
    assert secrets({}).values() == ()


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff"])
def test_a_token_file_that_holds_no_token_is_told(tmp_path, content):
    """Missing, empty or no text: the variable and the file are named."""
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"^CHATELIER_DISCORD_TOKEN_FILE: .*token"):
        secrets({"CHATELIER_DISCORD_TOKEN_FILE": str(path)})


def test_secrets_do_not_show_themselves():
    """Neither repr nor str nor an f-string holds a token."""
    held = Secrets(telegram_token="123:abc", discord_token="xyz", studio_password="sesame")
    for shown in (repr(held), str(held), f"{held}", f"{[held]}"):
        assert not any(value in shown for value in held.values())


def test_names_of_secrets_are_no_unknown_settings():
    """Tokens, their files, and what setup and start look at, stand beside the settings."""
    environ = dict.fromkeys(
        (
            "CHATELIER_TELEGRAM_TOKEN",
            "CHATELIER_DISCORD_TOKEN_FILE",
            "CHATELIER_STUDIO_PASSWORD",
            "CHATELIER_CONFIG",
            "CHATELIER_TORCH_INDEX",
        ),
        "x",
    )
    assert load(None, environ) == Config()
