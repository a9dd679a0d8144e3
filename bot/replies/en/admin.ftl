# What admins are told: faults of their commands, and what their acts have changed.

# Faults
admin-usage =
    What a chat’s admins can do, here:
    /admin quota @ann 50/day    also 20/hour, unlimited, default; with no amount I say what holds
    /admin quota chat 200/day    for the whole chat
    /admin grant @ann 20 7d    extra credits, for 7 days
    /admin ban @ann 2d spam    and /admin unban @ann
    /admin pause new rules    and /admin resume
    /admin status, /admin log, /admin strikes
    /admin filter add splatter    also rm, list, test, and action gore spoiler
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
admin-amount-small = { $asked } credits is too little: 0.01 is the least. To stop a member, use /admin ban.
admin-amount-absurd = { $asked } credits is more than I count (1,000,000). Write unlimited for no limit.
admin-amount-twice = That is more than one amount for the same time. Write one for the day and one for the hour, such as 50/day 10/hour.
admin-credits-unclear = “{ $asked }” is no gift. Write a plain number of credits, such as 20; a million is the most.
admin-duration-unclear = “{ $asked }” is no time that I understand. Write 2d, 1h30m or forever, then a space and the reason; ten years is the most.
admin-duration-behind = How long stands in front of the reason. Write { $asked } first, or forever if “{ $asked }” belongs to the reason.
admin-count-range = “{ $asked }” is no number from 1 to { $most }.
admin-tier-missing = Which tier?

# What is not allowed
admins-only = Only the admins of this chat can do that.
admin-operators-only = /admin { $act } is for the operator of this bot.
admin-not-everywhere = You are an admin of this chat only, so it can hold only here.
admin-not-yourself = You cannot do that to yourself. Ask another admin, or the operator.
admin-not-me = That is me. I have no limits, and banning me would be lonely.
admin-not-operators = That is an operator of this bot, whom only another operator can limit.
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
admin-chat-already = { $chat } { $state ->
    [allowed] is allowed already.
   *[denied] was not allowed anyway.
}
admin-no-chats = No chat has asked yet.
admin-chat-title = {" "}“{ $title }”
admin-chat-line = • { $chat }{ $title }: { $state ->
    [allowed] allowed
   *[denied] not allowed
}

# How far an act reaches
admin-here = in this chat
admin-in-chat = in { $chat }
admin-everywhere = in all chats

# Before and after
admin-limit-default = the default
admin-limits = { $day } and { $hour }
admin-limit = { $credits } { $window ->
    [hour] an hour
   *[day] a day
}
admin-limit-none = { $window ->
    [hour] no limit by the hour
   *[day] no limit by the day
}
admin-quota-changed = Credits of { $member } { $where }: { $before } → { $after }.
admin-quota-chat-changed = Credits of all members together { $where }: { $before } → { $after }.
admin-quota-all-changed = Credits of everybody together, in all chats: { $before } → { $after }.
admin-quota-is = Credits of { $member } { $where }, by command: { $said }.
admin-quota-chat-is = Credits of all members together { $where }, by command: { $said }.
admin-quota-all-is = Credits of everybody together, in all chats, by command: { $said }.
admin-quota-left = • { $scope ->
    [person] Over all chats
    [member] In this chat
    [chat] The chat
   *[all] Everybody
}, { $window ->
    [hour] this hour
   *[day] today
}: { $left } of { $limit } left, back in full at { $at }.
admin-quota-free = • Nothing limits them.
admin-quota-ban = • They are { $ban }.
admin-quota-tier = • Tier: { $tier }
admin-quota-roles = • A tier that a role gives is known only while they speak, and not counted here.
admin-quota-still = Over all chats they still have { $limit }, and both count. { $who ->
    [operator] Add --everywhere to change that one.
   *[admin] Only the operator can change that one.
}
admin-granted = { $member } gets { $credits } extra { $where }, { $until }. Extra credits left: { $before } → { $after }.
admin-banned = { $member } { $where }: { $before } → { $after }.
admin-unbanned = { $member } { $where }: { $before } → { $after }.
admin-not-banned = There is no ban of { $member } { $where }.
admin-still-banned = That other ban still holds; who made it can end it.
admin-not-seen = { $member } was not seen here yet: look whether the number is right.
admin-free = not banned
admin-banned-state = banned { $until }
admin-banned-why = banned { $until }: { $reason }
admin-forever = for ever
admin-until = until { $moment } ({ DURATION($left) })
admin-tier-changed = Tier of { $member }: { $before } → { $after }.
admin-no-tier = none
admin-links-changed = One person: { $before } → { $after }.
admin-not-linked = { $member } is not linked with any other account.

# Pauses
admin-open = requests are taken
admin-paused = { $mode ->
    [drain] nothing new is taken, what waits is drawn
   *[pause] nothing new is taken, nothing more is begun
}
admin-paused-why = { $mode ->
    [drain] nothing new is taken, what waits is drawn ({ $reason })
   *[pause] nothing new is taken, nothing more is begun ({ $reason })
}
admin-pause-changed = Requests { $where }: { $before } → { $after }.
admin-still-paused = The whole bot, however: { $state }. An operator ends that with /admin resume --everywhere.
paused-all = I take no new requests at the moment{ $reason ->
    [none] .
   *[other] : { $reason }.
} { $mode ->
    [drain] What waits is still drawn.
   *[pause] What waits keeps its place.
}
paused-resume = You can end that with { $command }.
paused-chat = The admins of this chat let me rest here at the moment{ $reason ->
    [none] .
   *[other] : { $reason }.
} What waits is still drawn.

# Status
admin-status-queue = { $waiting ->
    [0] Nobody is waiting
    [one] One request is waiting, about { DURATION($wait) } of work
   *[other] { $waiting } requests are waiting, about { DURATION($wait) } of work
}; { $drawing ->
    [0] nothing is being drawn.
    [one] one is being drawn.
   *[other] { $drawing } are being drawn.
} A credit takes { $pace } s.
admin-status-renderer = Renderer: { $state ->
    [starting] starting
    [ready] ready
    [restarting] starting again
    [elsewhere] in the running bot
   *[off] not running
}{ $device }
admin-status-device = , on { $device }
admin-status-cpu = the CPU ({ $kind }, { $threads ->
    [one] one thread
   *[other] { $threads } threads
})
admin-status-memory = Main memory of the renderer: { $gigabytes } GB
admin-status-fitting = Memory of the device: { $level ->
    [high] high, all weights stay there
    [medium] medium, the UNet stays there and the rest visits
   *[low] low, weights are there only while they are needed
}
admin-status-no-model = No model is installed.
admin-status-model = Model: { $model } ({ $count ->
    [one] one installed
   *[other] { $count } installed
})
admin-status-credits = Today { $here ->
    [yes] in this chat
   *[no] in all chats
}: { $used } used, { $back } given back.
admin-status-busiest = Busiest hour: { $hour }:00, { $used }.
admin-status-paused = Requests { $where }: { $state }.

# The log
log-title = The last acts { $where }, newest first:
log-empty = Nothing has been done { $where } yet.
log-line = • { $at }, { $who }: { $act } { $target }{ $chat }: { $before } → { $after }
log-this-chat = this chat
log-everybody = all chats together
log-in-chat = {" "}in { $chat }
log-until = until { $moment }
log-forever = for ever
log-amount-ends = { $amount }, { $ends }
log-why = { $ends }: { $reason }
log-console = { $name } on the command line
log-anonymous = an anonymous admin of { $chat }
log-act-quota = quota of
log-act-grant = gift to
log-act-ban = ban of
log-act-unban = ban of
log-act-tier = tier of
log-act-link = link of
log-act-unlink = link of
log-act-chat = chat
log-act-claim = operator
log-act-pause = requests of
log-act-settings = setting “{ $name }” of
log-state-default = default
log-state-none = none
log-state-allowed = allowed
log-state-not-allowed = not allowed
log-state-unknown = unknown
log-state-operator = operator
