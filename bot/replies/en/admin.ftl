# What admins are told: faults of their commands, and what their acts have changed.

# Faults
admin-usage =
    What a chat's admins can do, here:
    /admin quota @ann 50/day    also 20/hour, unlimited, default
    /admin quota chat 200/day    for the whole chat
    /admin grant @ann 20 7d    extra credits, for 7 days
    /admin ban @ann 2d spam    and /admin unban @ann
    /admin pause new rules    and /admin resume
    /admin status, /admin log
    Instead of @ann you can reply to her, or write telegram:123.

    Operators also:
    /admin tier @ann patron, /admin link telegram:123 discord:456, /admin unlink telegram:123
    /admin quota all 2000/day, /admin drain, /admin chat allow, chat deny, chat list
    --everywhere behind a command makes it hold in all chats.
admin-unknown = There is no /admin { $asked }. There are: { $known }.
admin-unknown-near = There is no /admin { $asked }. Did you mean { $near }?
admin-which = Which one: { $known }?
admin-example = Write it like this: { $example }
admin-left-over = I do not understand “{ $rest }” there.
admin-no-scope = /admin { $act } takes neither --everywhere nor --chat.
admin-two-scopes = --everywhere and --chat together are too much: choose one.
admin-whom = Who is meant? Reply to one of their messages, mention them, or write telegram:123.
admin-both = Which two accounts? Write both, such as telegram:123 discord:456.
admin-target-unclear = You replied to one member and mentioned another. Say first who is meant, then the rest.
admin-which-platform = { $asked } could be anywhere. Write telegram:{ $asked } or discord:{ $asked }.
admin-chat-no-member = { $asked } is a chat, not a member.
admin-bad-chat = “{ $chat }” is no chat id. It looks like -1001234567890, or discord:1234567890.
admin-amount-missing = How many credits?
admin-amount-unclear = “{ $asked }” is no amount. Write 50/day, 20/hour, unlimited or default.
admin-amount-negative = { $asked } credits is less than nothing. To stop a member, use /admin ban.
admin-amount-zero = { $asked } credits would be none at all. To stop a member, use /admin ban.
admin-amount-absurd = { $asked } credits is more than I count (1,000,000). Write unlimited for no limit.
admin-credits-unclear = A gift is a plain number of credits, such as 20.
admin-duration-unclear = “{ $asked }” is no time that I understand. Write 2d, 1h30m or forever, then a space and the reason; ten years is the most.
admin-count-range = “{ $asked }” is no number from 1 to { $most }.
admin-tier-missing = Which tier?

# What is not allowed
admins-only = Only the admins of this chat can do that.
admin-operators-only = /admin { $act } is for the operator of this bot.
admin-not-everywhere = You are an admin of this chat only, so it can hold only here.
admin-not-yourself = You cannot do that to yourself. Ask another admin, or the operator.
admin-not-me = That is me. I have no limits, and banning me would be lonely.
admin-no-chat-here = Which chat? Say it in that chat, or name it: telegram:-1001234567890.

# Which chats
admin-chat-changed = { $chat }: { $before ->
    [allowed] allowed
    [denied] not allowed
   *[unknown] unknown
} → { $after ->
    [allowed] allowed
   *[denied] not allowed
}.
admin-chat-already = { $chat } is { $state ->
    [allowed] allowed
   *[denied] not allowed
} already.
admin-no-chats = No chat has asked yet.
admin-chat-line = • { $chat } “{ $title }”: { $state ->
    [allowed] allowed
   *[denied] not allowed
}
