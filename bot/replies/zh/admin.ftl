# 管理员收到的话：命令哪里不对，以及改动了什么。

# 命令有误
admin-usage =
    群管理员可以在本群使用：
    /admin quota @小安 50/天    也可以写 20/小时、无限、默认；不写数字就查看现状
    /admin quota chat 200/天    整个群的限额
    /admin grant @小安 20 7天    额外赠送，7 天内有效
    /admin ban @小安 2天 刷屏    解封用 /admin unban @小安
    /admin pause 正在换规则    恢复用 /admin resume
    /admin status、/admin log、/admin strikes
    /admin filter add 溅血    还有 rm、list、test，以及 action gore spoiler
    不写 @小安 也可以：回复对方的消息，或写 telegram:123。

    只有运营者可以：
    /admin tier @小安 patron、/admin link telegram:123 discord:456、/admin unlink telegram:123
    /admin quota all 2000/天、/admin drain、/admin chat allow、chat deny、chat list
    命令后加 --everywhere，对所有聊天生效。
admin-unknown = 没有 /admin { $asked } 这个命令。可用的有：{ $known }。
admin-unknown-near = 没有 /admin { $asked } 这个命令。是想写 { $near } 吗？
admin-which = 要用哪一个：{ $known }？
admin-example = 请这样写：{ $example }
admin-left-over = 看不懂其中的“{ $rest }”。
admin-no-scope = /admin { $act } 不能加 --everywhere 或 --chat。
admin-two-scopes = --everywhere 和 --chat 只能选一个。
admin-whom = 指的是谁？请回复对方的一条消息、@对方，或者写 telegram:123。
admin-both = 要关联哪两个账号？请都写上，例如 telegram:123 discord:456。
admin-target-unclear = 你回复了一个人，又提到了另一个人。请先写明是谁，再写其余内容。
admin-which-platform = 看不出 { $asked } 是哪个平台的，请写成 telegram:{ $asked } 或 discord:{ $asked }。
admin-chat-no-member = { $asked } 是聊天，不是成员。
admin-bad-chat = “{ $chat }”不是聊天编号。编号形如 -1001234567890 或 discord:1234567890。
admin-amount-missing = 多少额度？
admin-amount-unclear = 看不懂“{ $asked }”。请写 50/天、20/小时、无限 或 默认。
admin-amount-negative = 额度不能是负数（{ $asked }）。想禁止某人使用，请用 /admin ban。
admin-amount-zero = { $asked } 等于一点都不给。想禁止某人使用，请用 /admin ban。
admin-amount-small = { $asked } 太少了，最少 0.01 点。想禁止某人使用，请用 /admin ban。
admin-amount-absurd = { $asked } 太多了，最多 100 万点。不想限制就写“无限”。
admin-amount-twice = 同一时段写了不止一个数。每天和每小时各写一个，例如 50/天 10/小时。
admin-credits-unclear = “{ $asked }”不能作为赠送的额度。只写一个数字，例如 20；最多 100 万点。
admin-duration-unclear = 看不懂时间“{ $asked }”。请写 2天、1小时30分钟 或 永久，空一格再写原因；最长十年。
admin-duration-behind = 时长要写在原因前面。请把“{ $asked }”移到前面；如果它是原因的一部分，就先写“永久”。
admin-count-range = “{ $asked }”不是 1 到 { $most } 之间的数字。
admin-tier-missing = 哪个等级？

# 不允许
admins-only = 只有本群的管理员可以这样做。
admin-operators-only = 只有机器人的运营者可以用 /admin { $act }。
admin-not-everywhere = 你只是这个群的管理员，所以只能在本群生效。
admin-not-yourself = 不能对自己这样做，请找其他管理员或运营者。
admin-not-me = 那是我自己。我没有限额，封了我可就没人画图了。
admin-not-operators = 那是运营者，只有其他运营者才能限制。
admin-no-chat-here = 哪个聊天？请在那个聊天里发送，或写上编号：telegram:-1001234567890。

# 哪些聊天
admin-chat-changed = { $chat }：{ $before ->
    [allowed] 已允许
    [denied] 未允许
   *[unknown] 未知
} → { $after ->
    [allowed] 已允许
   *[denied] 未允许
}。
admin-chat-already = { $chat } 本来就{ $state ->
    [allowed] 已经允许了。
   *[denied] 没有允许。
}
admin-no-chats = 还没有聊天来申请。
admin-chat-title = “{ $title }”
admin-chat-line = • { $chat }{ $title }：{ $state ->
    [allowed] 已允许
   *[denied] 未允许
}

# 生效范围
admin-here = 在本群
admin-in-chat = 在 { $chat }
admin-everywhere = 在所有聊天

# 之前与之后
admin-limit-default = 默认
admin-limits = { $day }，{ $hour }
admin-limit = { $window ->
    [hour] 每小时 { $credits } 点
   *[day] 每天 { $credits } 点
}
admin-limit-none = { $window ->
    [hour] 每小时不限
   *[day] 每天不限
}
admin-quota-changed = { $member } { $where }的限额：{ $before } → { $after }。
admin-quota-chat-changed = 全体成员{ $where }合计的限额：{ $before } → { $after }。
admin-quota-all-changed = 所有聊天、所有人合计的限额：{ $before } → { $after }。
admin-quota-is = { $member } { $where }的限额，命令设定为：{ $said }。
admin-quota-chat-is = 全体成员{ $where }合计的限额，命令设定为：{ $said }。
admin-quota-all-is = 所有聊天、所有人合计的限额，命令设定为：{ $said }。
admin-quota-left = • { $scope ->
    [person] 所有聊天合计
    [member] 本群
    [chat] 整个群
   *[all] 所有人
}：{ $window ->
    [hour] 这个小时
   *[day] 今天
}还剩 { $left } / { $limit } 点，{ $at } 全部恢复。
admin-quota-free = • 没有限额。
admin-quota-ban = • { $ban }。
admin-quota-tier = • 等级：{ $tier }
admin-quota-roles = • 由身份组决定的等级只有对方发言时才知道，这里没有算进去。
admin-quota-still = 不过对方在所有聊天合计的限额仍是{ $limit }，两者同时生效。{ $who ->
    [operator] 要改后者，请加 --everywhere。
   *[admin] 后者只有运营者能改。
}
admin-granted = 已赠送 { $member } { $credits }，{ $where }可用，{ $until }。剩余赠送额度：{ $before } → { $after }。
admin-banned = { $member } { $where }：{ $before } → { $after }。
admin-unbanned = { $member } { $where }：{ $before } → { $after }。
admin-not-banned = { $member } { $where }没有被封禁。
admin-still-banned = 另一条封禁仍然有效，要由当初封禁的管理员解除。
admin-not-seen = 还没有见过 { $member }：请检查这个编号对不对。
admin-free = 未封禁
admin-banned-state = 已封禁，{ $until }
admin-banned-why = 已封禁，{ $until }，原因：{ $reason }
admin-forever = 永久有效
admin-until = 到 { $moment } 为止（{ DURATION($left) }）
admin-tier-changed = { $member } 的等级：{ $before } → { $after }。
admin-no-tier = 未指定
admin-links-changed = 同一个人的账号：{ $before } → { $after }。
admin-not-linked = { $member } 没有关联其他账号。

# 暂停
admin-open = 正常接受请求
admin-paused = { $mode ->
    [drain] 不接受新请求，已排队的继续画完
   *[pause] 不接受新请求，也不再开始画
}
admin-paused-why = { $mode ->
    [drain] 不接受新请求，已排队的继续画完（{ $reason }）
   *[pause] 不接受新请求，也不再开始画（{ $reason }）
}
admin-pause-changed = { $where }：{ $before } → { $after }。
admin-still-paused = 不过整个机器人目前{ $state }。要恢复，请运营者发送 /admin resume --everywhere。
paused-all = 我暂时不接受新请求{ $reason ->
    [none] 。
   *[other] ：{ $reason }。
}{ $mode ->
    [drain] 已经排队的会继续画完。
   *[pause] 已经排队的会保留位置。
}
paused-resume = 你可以用 { $command } 恢复。
paused-chat = 群管理员让我先在这里休息一下{ $reason ->
    [none] 。
   *[other] ：{ $reason }。
}已经排队的会继续画完。

# 状态
admin-status-queue = { $waiting ->
    [0] 没有人在排队
   *[other] { $waiting } 个请求在排队，大约还要 { DURATION($wait) }
}；{ $drawing ->
    [0] 目前没有在画。
   *[other] 正在画 { $drawing } 个。
}每点额度约需 { $pace } 秒。
admin-status-renderer = 渲染程序：{ $state ->
    [starting] 正在启动
    [ready] 就绪
    [restarting] 正在重启
    [elsewhere] 在运行中的机器人里
   *[off] 未运行
}{ $device }
admin-status-device = ，设备：{ $device }
admin-status-cpu = CPU（{ $kind }，{ $threads } 线程）
admin-status-memory = 渲染程序占用内存：{ $gigabytes } GB
admin-status-fitting = 设备内存：{ $level ->
    [high] high，权重全部常驻
    [medium] medium，UNet 常驻，其余用到时载入
   *[low] low，权重只在用到时载入
}
admin-status-no-model = 还没有安装模型。
admin-status-model = 模型：{ $model }（共安装 { $count } 个）
admin-status-credits = 今天{ $here ->
    [yes] 在本群
   *[no] 在所有聊天
}用了 { $used }，退回 { $back } 点。
admin-status-busiest = 最忙的时段：{ $hour }:00，{ $used }。
admin-status-paused = { $where }：{ $state }。

# 记录
log-title = { $where }最近的管理操作，新的在前：
log-empty = { $where }还没有管理操作。
log-line = • { $at }，{ $who }：{ $act } { $target }{ $chat }：{ $before } → { $after }
log-this-chat = 本群
log-everybody = 全部聊天
log-in-chat = （{ $chat }）
log-until = 到 { $moment }
log-forever = 永久
log-amount-ends = { $amount }，{ $ends }
log-why = { $ends }，原因：{ $reason }
log-console = 命令行的 { $name }
log-anonymous = { $chat } 的匿名管理员
log-act-quota = 限额
log-act-grant = 赠送
log-act-ban = 封禁
log-act-unban = 解封
log-act-tier = 等级
log-act-link = 关联
log-act-unlink = 取消关联
log-act-chat = 聊天
log-act-claim = 运营者
log-act-pause = 接受请求
log-act-settings = 设置“{ $name }”
log-state-default = 默认
log-state-none = 无
log-state-allowed = 已允许
log-state-not-allowed = 未允许
log-state-unknown = 未知
log-state-operator = 运营者
