# Credits, limits, bans: what members read when they may not ask, and why an act is refused.
credits = { $n ->
    [one] { $n } credit
   *[other] { $n } credits
}
quota-exceeded = This costs { $cost }, and { $scope ->
    [person] you have { $left } of { $limit } left
    [member] you have { $left } of { $limit } left in this chat
    [chat] this chat has { $left } of { $limit } left
   *[all] everybody together has { $left } of { $limit } left
} { $window ->
    [hour] this hour
   *[day] today
}. Credits are back in { WAIT($wait) }, at { $at }.
quota-too-large = This costs { $cost }, and { $scope ->
    [person] you may spend { $limit }
    [member] in this chat you may spend { $limit }
    [chat] this chat may spend { $limit }
   *[all] everybody together may spend { $limit }
} { $window ->
    [hour] an hour
   *[day] a day
}. Fewer pixels, steps or pictures cost less.
too-fast = That is a little fast for me. Again in { WAIT($wait) }, please.
cooldown = You stopped several pictures while they were being drawn, so this is a pause. Ask again in { WAIT($wait) }, at { $at }.
wait-too-long = The line is too long at the moment: this would be drawn in about { DURATION($wait) }, and { DURATION($most) } is the most I promise. Please try again later.
banned = You cannot ask me for pictures { $where ->
    [here] in this chat
   *[everywhere] { "" }anywhere
} until { $at }, for another { WAIT($wait) }. { $reason }
banned-forever = You cannot ask me for pictures { $where ->
    [here] in this chat
   *[everywhere] { "" }anywhere
} any more. { $reason }
ban-reason = Reason: { $reason }
ban-no-reason = The admins can tell you why.
price = This would cost { $cost }: { $count ->
    [one] one picture
   *[other] { $count } pictures
} of { $size } in { $steps ->
    [one] one step
   *[other] { $steps } steps
}. { $left }
price-left = You have { $left } left.
price-unlimited = Nothing limits you.
price-short = That is more than the { $left } that you have left.

limit-absurd = A limit lies between 0 and { $most } credits.
limit-beyond-operator = The operator allows this chat { $most } credits { $window ->
    [hour] an hour
   *[day] a day
}; an admin of the chat can only set less.
grant-absurd = A grant is more than 0 and at most { $most } credits.
grant-beyond = The admins of a chat can grant { $most } credits a day, and { $left } are left today. The operator of this bot can grant more.
until-passed = That moment has passed already.
tier-unknown = There is no tier “{ $tier }”. There are: { $tiers }.
tier-none = No tiers are set up. An operator names them in config.toml, under [quota.tiers].
link-same = That is the same account twice.
