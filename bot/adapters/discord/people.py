"""Who speaks and where, from the library's objects to plain data."""

from dataclasses import replace

import discord

from bot.domain import Platform, ReplyTo, Requester

Interaction = discord.Interaction[discord.Client]
Someone = discord.User | discord.Member | discord.ClientUser


def requester(interaction: Interaction) -> Requester:
    """The member who used a command or pressed a button."""
    return replace(account(interaction.user), language=str(interaction.locale))


def account(someone: discord.User | discord.Member) -> Requester:
    """A user or member as an account."""
    return Requester(
        platform=Platform.DISCORD,
        user_id=str(someone.id),
        name=someone.display_name,
        username=someone.name,
    )


def roles(someone: discord.User | discord.Member) -> tuple[str, ...]:
    """Ids of the roles that a member has, the one that everybody has left out."""
    if not isinstance(someone, discord.Member):
        return ()
    # Its public `roles` are those of a server that the client knows already.
    return tuple(str(role) for role in someone._roles)


def is_away(interaction: Interaction) -> bool:
    """Whether a member has brought the bot along to where it is no member itself: the command is
    installed in their account, not in the server. There it can only answer interactions."""
    return (
        interaction.is_user_integration()
        and not interaction.is_guild_integration()
        and not interaction.context.dm_channel
    )


def manages(interaction: Interaction) -> bool:
    """Whether the member is an admin of the chat; of one that is not ours, nobody is."""
    return may_manage(interaction.permissions) and not is_away(interaction)


def place(interaction: Interaction, message_id: int | None = None) -> ReplyTo:
    """The channel of `interaction`, and the message that the answer refers to. Away, it is between
    the member and the bot, whatever server that channel belongs to.

    Raises:
        ValueError: Discord did not say which channel.
    """
    if interaction.channel_id is None:
        raise ValueError("an interaction without a channel")
    private = interaction.guild_id is None or is_away(interaction)
    return ReplyTo(
        platform=Platform.DISCORD,
        chat_id=str(interaction.channel_id),
        message_id="" if message_id is None else str(message_id),
        space_id=None if private else str(interaction.guild_id),
        private=private,
        age_restricted=is_age_restricted(interaction.channel),
    )


def is_age_restricted(channel: object) -> bool:
    """Whether Discord shows this channel, or the channel of this thread, to adults only; what is
    not known is not."""
    ask = getattr(channel, "is_nsfw", None)
    return bool(ask is not None and ask())


def title(guild: discord.Guild | None, channel: object) -> str:
    """`Server #channel`, as far as known."""
    name = getattr(channel, "name", None)
    parts = (guild.name if guild else "", f"#{name}" if name else "")
    return " ".join(p for p in parts if p)


def may_manage(permissions: discord.Permissions) -> bool:
    """Whether these permissions make a chat's admin."""
    return permissions.administrator or permissions.manage_guild


def is_admin(guild: discord.Guild | None, user_id: int, role_ids: frozenset[int]) -> bool:
    """The same from the server's roles, for a message that comes without permissions."""
    if guild is None:
        return False
    if guild.owner_id == user_id:
        return True
    return any(
        may_manage(role.permissions)
        for role in guild.roles
        if role.is_default() or role.id in role_ids
    )
