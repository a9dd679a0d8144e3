# 额度、限制、封禁：不能画图时告诉成员的话，以及管理操作被拒绝的原因。
credits = { $n } 点额度
quota-exceeded = 这次需要 { $cost }，{ $scope ->
    [person] 你
    [member] 你在这个聊天里
    [chat] 这个聊天
   *[all] 所有人一共
}{ $window ->
    [hour] 这个小时
   *[day] 今天
}还剩 { $left }，上限是 { $limit }。{ WAIT($wait) }后（{ $at }）恢复。
quota-too-large = 这次需要 { $cost }，而{ $scope ->
    [person] 你
    [member] 你在这个聊天里
    [chat] 这个聊天
   *[all] 所有人一共
}{ $window ->
    [hour] 每小时
   *[day] 每天
}最多只能用 { $limit }。减小尺寸、步数或张数可以省一些。
too-fast = 有点太快了，请 { WAIT($wait) }后再来。
cooldown = 你连续取消了好几张正在画的图，先歇一会儿吧。{ WAIT($wait) }后（{ $at }）可以再来。
wait-too-long = 现在排队太长了：这个请求大约要等 { DURATION($wait) }，而我最多答应 { DURATION($most) }。请晚些再试。
banned = { $where ->
    [here] 你在这个聊天里
   *[everywhere] 你
}暂时不能让我画图，到 { $at } 为止（还有 { WAIT($wait) }）。{ $reason }
banned-forever = { $where ->
    [here] 你在这个聊天里
   *[everywhere] 你
}不能再让我画图了。{ $reason }
ban-reason = 原因：{ $reason }
ban-no-reason = 原因可以问管理员。
price = 这需要 { $cost }：{ $count } 张 { $size } 的图，{ $steps } 步。{ $left }
price-left = 你还剩 { $left }。
price-unlimited = 你没有额度限制。
price-short = 你只剩 { $left }，不够。

limit-absurd = 上限要在 0 到 { $most } 点之间。
limit-beyond-operator = 机器人的运营者允许这个聊天{ $window ->
    [hour] 每小时
   *[day] 每天
} { $most } 点额度，聊天管理员只能设得更低。
grant-absurd = 赠送的额度要大于 0，最多 { $most } 点。
grant-beyond = 聊天管理员每天一共可以赠送 { $most } 点额度，今天还剩 { $left } 点。更多的要请机器人的运营者赠送。
until-passed = 那个时间已经过去了。
tier-unknown = 没有叫“{ $tier }”的等级。现有等级：{ $tiers }。
tier-none = 还没有设置任何等级。运营者可以在 config.toml 的 [quota.tiers] 里添加。
link-same = 这是同一个账号。
